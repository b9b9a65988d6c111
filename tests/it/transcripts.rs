//! What an owner types and sees, word for word: `tests/transcripts`. `TRYCMD=overwrite` writes what it is now.

#[test]
fn transcripts() {
    let cases = trycmd::TestCases::new();
    for (name, value) in [("HOME", "."), ("PRINTKEEP_HOME", "home"), ("TZ", "UTC"), ("COLUMNS", "110")] {
        cases.env(name, value);
    }
    cases.case("tests/transcripts/*.trycmd");
}
