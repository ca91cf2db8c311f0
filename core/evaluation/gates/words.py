"""What each gate is called, asks for, how it is computed and where it misleads."""

from core.evaluation.words import Words

GATE_WORDS: dict[str, Words] = {
    "completeness": Words(
        "Completeness",
        "Fields that every real row has are filled.",
        "At least 99 % of the required cells.",
        percent=True,
        computed="A column is required where no training row lacks its value. The value is the "
        "share of filled cells over all required columns; a warning names single columns below "
        "the threshold.",
        misleads="A column with one gap in the real rows is not required at all, and a filled "
        "cell may still be wrong.",
    ),
    "types": Words(
        "Types",
        "Every cell is of its column's type.",
        "All of them.",
        percent=True,
        computed="A cell counts where it can be read as the type that the schema gives the column.",
        misleads="Files are read with the schema in hand: a text column takes anything.",
    ),
    "formats": Words(
        "Formats and allowed values",
        "Cells are written like the real ones and hold values that may occur.",
        "At least 99.5 % of the cells.",
        percent=True,
        computed="Numbers and dates: within the range of the real rows and with no more decimals. "
        "Categories: a value that a real row has. Texts: length, and the pattern of letters and "
        "digits where real rows have at most 100 patterns. Replaced columns: the form of their "
        "kind, such as a valid IBAN.",
        misleads="Values beyond the real range or never seen may be right: fresh real rows have "
        "some too. A column of many rare values fails without any fault.",
    ),
    "validity": Words(
        "Rules",
        "Rows keep the rules of the table.",
        "At least 99 % of the rows keep all of them.",
        percent=True,
        computed="A row that lacks a value which a rule compares keeps that rule. Combinations "
        "are those of the training rows.",
        misleads="Only rules that somebody wrote down are checked; real rows may break them too, "
        "and the share of fresh real rows that keep a rule stands beside it.",
    ),
    "keys": Words(
        "Unique keys",
        "No two rows have the same key.",
        "None.",
        percent=True,
        computed="Share of rows whose primary key is there and occurs once.",
        misleads="Says nothing of rows that are alike in all but the key.",
    ),
    "near_duplicates": Words(
        "Near-duplicates",
        "Rows do not repeat in what tells people apart more often than real rows do.",
        "At most 5 percentage points more than among as many real rows.",
        percent=True,
        computed="Share of rows that share all quasi-identifiers with another row, synthetic "
        "minus real, in tables of the same size.",
        misleads="With few or coarse quasi-identifiers nearly all rows share theirs, and the "
        "difference shows nothing.",
    ),
    "metadata": Words(
        "Metadata",
        "The table is the one that the schema describes.",
        "All columns.",
        percent=True,
        computed="Each column's name, place, type and tags: dropped columns are absent, columns "
        "tagged as personal have a decision.",
        misleads="A column may have the right name and hold something else.",
    ),
    "distribution": Words(
        "Similar distribution",
        "Each column is distributed like that of the holdout (Kolmogorov and Smirnov).",
        "By D: at most 0.05 further off than fresh real rows. By p: at least 0.05.",
        computed="D is the largest distance of the two cumulative frequencies: of numbers and "
        "dates as they are, of categories in the order in which they first occur in the source. "
        "n are the rows on both sides, p how likely chance alone gives such a D; with the "
        "correction of Benjamini and Hochberg for many columns.",
        misleads="p grades the number of rows: with 500 rows nearly everything passes, with "
        "50,000 rows a difference that nobody would notice fails. D is the same at any size, "
        "which is why it is the wiser choice. D of categories depends on their order, and single "
        "columns say nothing of their dependencies.",
    ),
    "coverage": Words(
        "Foreign keys that fit",
        "Rows point to a row of the parent table.",
        "All of them.",
        percent=True,
        computed="Share of rows with a key whose key a parent row has; the others are orphans. "
        "With several relationships the least share counts.",
        misleads="Any parent counts as fitting, a wrong one too.",
    ),
    "children": Words(
        "Children per parent",
        "Parents have as many child rows as in the real tables.",
        "Distance D of at most 0.10.",
        computed="The largest distance of the cumulative frequencies of the number of children, "
        "parents without children included.",
        misleads="Which parents have many children is not looked at.",
    ),
}
