//! Finds marks in bytes: one pass, no patterns.

/// Where `mark`, which is not empty, first stands in `text`.
pub(super) fn find(text: &[u8], mark: &[u8]) -> Option<usize> {
    let (first, last) = (*mark.first()?, text.len().checked_sub(mark.len())?);
    (0..=last).find(|at| text[*at] == first && text[*at..].starts_with(mark))
}

/// What follows the first `mark` in `text`.
pub(super) fn after<'a>(text: &'a [u8], mark: &[u8]) -> Option<&'a [u8]> {
    find(text, mark).map(|at| &text[at + mark.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_where_they_first_stand() {
        assert_eq!(find(b"aab aab", b"ab"), Some(1));
        assert_eq!(find(b"aa", b"ab"), None);
        assert_eq!(find(b"a", b"ab"), None);
        assert_eq!(find(b"ab", b""), None);
        assert_eq!(after(b"key=value", b"="), Some(&b"value"[..]));
        assert_eq!(after(b"key=", b"="), Some(&b""[..]));
    }
}
