return { "\xff\xfe" }
