const running = new WeakMap()
const own = { "X-Studio-Request": "1" }
const hex = (raw) => [...new Uint8Array(raw)].map((b) => b.toString(16).padStart(2, "0")).join("")
const mib = (n) => (n / 2 ** 20).toFixed(1) + " MiB"
const size = (n) => n < 2 ** 30 ? mib(n) : (n / 2 ** 30).toFixed(2) + " GiB"
const digest = (bytes) => crypto.subtle.digest("SHA-256", bytes)
// Browsers have no checksums on plain http beyond this machine; the counts are checked all the same.
const canHash = () => Boolean(globalThis.crypto && crypto.subtle)

async function ask(path, options) {
  const answer = await fetch("/api/uploads" + path, { credentials: "same-origin", ...options })
  const body = await answer.json().catch(() => ({}))
  if (!answer.ok) {
    const error = new Error(body.message || "The studio did not answer as expected.")
    error.status = answer.status
    throw error
  }
  return body
}

async function send(file, data, job, show) {
  const known = (data.open || []).find((u) => u.name === file.name && u.size === file.size)
  const upload = known ? await ask("/" + known.id, {}) : await ask("", {
    method: "POST",
    headers: { ...own, "Content-Type": "application/json" },
    body: JSON.stringify({ project: data.project, name: file.name, size: file.size }),
  })
  const piece = upload.piece
  const digests = []
  let offset = upload.received
  let failed = 0
  const started = Date.now()
  const before = offset
  for (let start = 0; start < file.size; start += piece) {
    const whole = await file.slice(start, start + piece).arrayBuffer()
    if (canHash()) digests.push(await digest(whole))
    while (offset < start + whole.byteLength) {
      if (job.stopped) return null
      const rest = whole.slice(offset - start)
      const headers = { ...own }
      if (digests.length) headers["X-Content-SHA256"] = hex(await digest(rest))
      try {
        const path = "/" + upload.id + "?offset=" + offset
        offset = (await ask(path, { method: "PATCH", headers, body: rest })).received
        failed = 0
      } catch (error) {
        if (error.status && error.status !== 409) throw error
        failed += 1
        if (failed > 6) throw error
        show(offset / file.size, "The connection broke off. Trying again …")
        await new Promise((go) => setTimeout(go, 1000 * failed))
        try { offset = (await ask("/" + upload.id, {})).received } catch (again) { continue }
        if (offset < start) { start = offset - (offset % piece) - piece; break }
      }
      const pace = (offset - before) / Math.max(1, Date.now() - started)
      const left = Math.round((file.size - offset) / Math.max(pace, 1) / 1000)
      const words = size(offset) + " of " + size(file.size) + ", about " + left + " s left"
      show(offset / file.size, words)
    }
  }
  const sums = {}
  if (digests.length) {
    const joined = await new Blob(digests).arrayBuffer()
    sums.sha256_of_pieces = hex(await digest(joined))
  }
  show(1, "Checking …")
  return ask("/" + upload.id + "/finish", {
    method: "POST",
    headers: { ...own, "Content-Type": "application/json" },
    body: JSON.stringify(sums),
  })
}

export default function ({ data, parentElement, setTriggerValue }) {
  const input = parentElement.querySelector("#file")
  const bar = parentElement.querySelector("#bar")
  const said = parentElement.querySelector("#said")
  const stop = parentElement.querySelector("#stop")
  const show = (share, words) => { bar.hidden = false; bar.value = share; said.textContent = words }
  stop.onclick = () => { const job = running.get(parentElement); if (job) job.stopped = true }
  input.onchange = async () => {
    const file = input.files[0]
    if (!file) return
    const job = { stopped: false }
    running.set(parentElement, job)
    stop.hidden = false
    input.disabled = true
    try {
      if (file.size > data.most) throw new Error("The file is larger than " + size(data.most) + ".")
      const done = await send(file, data, job, show)
      said.textContent = done ? "Arrived." : "Paused. Choose the same file again to go on."
      setTriggerValue("done", done ? done.id : "paused")
    } catch (error) {
      said.textContent = error.message + " Choose the same file again to go on."
    } finally {
      stop.hidden = true
      input.disabled = false
      input.value = ""
      running.delete(parentElement)
    }
  }
}
