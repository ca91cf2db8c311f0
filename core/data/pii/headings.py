"""Words for columns in further languages, and what columns of things are called.

:mod:`core.data.pii.hints` adds these to its own phrases, folded. A phrase that begins with ``=``
must be the whole name.
"""

MORE = {
    "email": "eposta|e posta|posta elettronica|sahkoposti|почта|электронная почта|メール|"
    "メールアドレス|邮箱|電子郵件|이메일|emailadresse|adres mail|имейл|email id|"
    "mail address|correo electronico|adresse mail|email adresse|eposti|البريد",
    "phone": "numer telefonu|telefonszam|telefon no|tlf|teléfono|matkapuhelin|"
    "電話番号|携帯|手机|电话|연락처|핸드폰|휴대폰|telefone celular|telefoonnummer|мобильный|"
    "номер телефона|portable|"
    "cell number|contact number|landline|rufnummer|mobilnummer|mobiltelefon|mobilni|cep telefonu|"
    "telefonni cislo|handynummer|festnetz|الهاتف|טלפון|τηλεφωνο",
    "first_name": "jmeno|keresztnev|prenume|=ime|=ad|isim|voornamen|primeiro nome|given names|"
    "firstname|nombres|förnamn|имя|ім'я|名前|nome proprio|nombre de pila|rufname|tilltalsnamn",
    "last_name": "prijmeni|vezeteknev|soyad|soyisim|soyadi|prezime|nume de familie|apelido|"
    "фамилия|прізвище|姓氏|苗字|primer apellido|segundo apellido|second name|familiename|lastname|"
    "nazwisko panienskie|geburtsname|priezvisko|uzvards",
    "full_name": "imie i nazwisko|ad soyad|jmeno a prijmeni|nome e cognome|nombre y apellidos|"
    "naam en voornaam|vor und nachname|nom et prenom|volledige naam|fullname|nimi|nev|"
    "ansprechpartner|kontoinhaber|titulaire|titular|intestatario|beneficiary|beneficiary name|"
    "next of kin|emergency contact|insured|policyholder|policy holder|cliente|mitarbeiter|"
    "kundinname|paziente|paciente|klient|pacjent|asiakas|kund|elev|nombre cliente|"
    "имя клиента|пациент|клиент|姓名|氏名|성명|customer full name|legal name|signed by",
    "street_address": "osoite|adresa|lakcim|cim|ulica|gatuadress|gade|gata|straat|=via|"
    "logradouro|morada|улица|адреса|地址|주소|strada|hausanschrift|wohnadresse|adresse postale|"
    "voie|direccion postal|domicilio fiscal|lieu dit|postal address|billing address|"
    "delivery address|shipping address|katuosoite|adres zamieszkania|sokak|العنوان|διευθυνση",
    "postcode": "kod pocztowy|psc|iranyitoszam|cod postal|postinumero|posta kodu|индекс|"
    "почтовый индекс|郵便番号|邮编|郵遞區號|우편번호|postkode|postinr|postnr|codice postale|"
    "codigo postal|cp|postleitzahlen|postal|post nr|zip postal code|eircode|pin code",
    "city": "miasto|mesto|varos|oras|sehir|kaupunki|stad|=by|by navn|postort|localidad|localita|"
    "comune|poblacion|municipio|город|місто|市区町村|城市|도시|woonplaats|plaats|bydel|luogo|"
    "home town|hometown|birth city|geburtsort|lieu de naissance|luogo nascita|lugar nacimiento|"
    "obec|miejscowosc|paikkakunta|gemeinde|residence city|locality|wohnsitz",
    "country": "kraj|zeme|orszag|tara|ulke|maa|страна|国|国家|국가|staat|nacionalidad|nationalite|"
    "nazionalita|nacionalidade|obywatelstwo|herkunftsland|country name|nationalitet",
    "birth": "data urodzenia|datum narozeni|szuletesi datum|data nasterii|dogum tarihi|"
    "fodelsedatum|fodelsedag|дата рождения|дата народження|生年月日|出生日期|생년월일|"
    "data de nascimento|narozen|urodzony|urodzenia|narozeni|nasterii|dogum|рождения|geb datum|"
    "geboren am|geb|birth dt|date birth|d o b|fodt|fodselsdag|syntynyt|data nasc|fec nac|"
    "geboorte|geboren",
    "national": "rodne cislo|tc kimlik|tc kimlik no|kimlik no|tckn|henkilotunnus|hetu|"
    "personnr|fodselsnummer|cpr|cpr nummer|инн|снилс|паспорт|マイナンバー|身份证|주민등록번호|"
    "身份证号|insee|numero de securite sociale|seguridad social|nuss|ahv|ahv nummer|avs|"
    "taj|cnpj|rg|rfc|social insurance|sin number|medicare|national insurance|ni number|"
    "drivers licence|license number|licence number|permis|fuhrerschein|passnummer|passeport|"
    "pasaporte|passaporto|paszport|dowod|dowod osobisty|nip|vat id|vat number|ust id|partita iva|"
    "steuernr|steueridnr|tax code|taxpayer id|national identifier|citizen id|sozialversicherung|"
    "burgerservicenummer|ssn last4|government id|identity number|identity no|id number",
    "iban": "bankverbindung|rekeningnummer|numero de compte|conto corrente|numer konta|"
    "cislo uctu|bank account number|tilinumero|bankkonto|numero cuenta|rib|ccc|счет|"
    "口座番号|银行账号|계좌번호|hesap no",
    "card": "carte bancaire|carte de credit|carta di credito|cartao|numer karty|cislo karty|"
    "karta|kart no|card|creditcard|kortnummer|номер карты|カード番号|카드번호|卡号|payment card|"
    "cc|kreditkartennummer|numero carte|visa",
    "username": "login id|identifiant|uzivatel|brukernavn|kayttajatunnus|kullanici adi|"
    "gebruikersnaam|anvandarnamn|логин|ユーザー名|用户名|아이디|nazwa uzytkownika|userid|"
    "user handle|nom utilisateur|nombre usuario|nome utente|twitter|instagram|skype|account login",
    "gender": "plec|pohlavi|nem|cinsiyet|kon|sukupuoli|пол|стать|性别|性別|성별|geslacht|anrede|"
    "kjonn|sexo biologico",
    "age": "wiek|vek|kor|yas|ika|возраст|年齢|年龄|나이|alder|patient age|age at admission",
    "medical": "mrn|medical record|medical record number|patient no|patient number|patient nr|"
    "hospital no|hospital number|fallnummer|patientennummer|patienten nr|numero patient|"
    "historia clinica|numero historia|nhc|chart number|chart no|medical no|health record|"
    "health card|krankenversichertennummer|versichertennummer|insurance number|member number|"
    "health plan|beneficiary number|admission no|encounter id|case number|patientnummer",
    "icd": "icd|icd 10|icd10|icd code|diagnosis|diagnosis code|diagnose|diagnosecode|dx|dx code|"
    "diagnostico|diagnosi|diagnoza|diagnoosi|диагноз|診断|진단|诊断|"
    "icd10 code|hauptdiagnose|cie10|cie 10|cim 10|primary diagnosis|disease code",
}  # fmt: skip

# What numbers count that are given to orders and things; a part of a word is enough.
THINGS = (
    "order", "invoice", "product", "item", "article", "artikel", "sku", "serial", "device", "part",
    "batch", "lot", "shipment", "tracking", "parcel", "ean", "isbn", "upc", "gtin", "barcode",
    "asset", "ticket", "transaction", "txn", "receipt", "purchase", "machine", "sensor", "station",
    "store", "shop", "warehouse", "material", "checksum", "version", "build", "commit", "event",
    "bestell", "rechnung", "auftrag", "beleg", "produkt", "liefer", "charge", "seriennummer",
    "pedido", "factura", "producto", "articulo", "commande", "facture", "produit", "ordine",
    "fattura", "prodotto", "encomenda", "fatura", "zamowien", "faktur", "siparis", "urun", "ordre",
    "tilaus", "objednav", "imei", "model", "stock", "bin", "container", "pallet", "voucher",
    "coupon", "license key", "job", "task", "run", "session", "request", "trace", "span",
    "заказ", "товар", "счет фактура", "注文", "商品", "주문", "상품", "订单", "产品",
)  # fmt: skip

# Words that say nothing of what a column holds.
_EMPTY = """col column cols field var variable feature feat attr attribute f c v x y z unnamed value
val data spalte feld columna colonne kolumn kolumna campo champ kolonne kolom untitled"""
EMPTY = frozenset(_EMPTY.split())
