//! What can be wrong with a policy file.

use crate::named_faults;

named_faults! {
    /// What is wrong with a policy file.
    PolicyFault {
        /// The file is too large.
        Large { most } "large"
            "the file is larger than {most} KiB"
        /// What the reader of TOML says.
        Unread { said } "unread"
            "{said}"
        /// The same, and on which line.
        Line { line, said } "line"
            "line {line}: {said}"
        /// Another form.
        Format { format } "format"
            "format is {format}; this version reads 1"
        /// No version.
        Version {} "version" "version must be 1 or more"
        /// There is no such item.
        NoItem { item } "no-item"
            "Printkeep knows no kind of data {item:?}"
        /// An item stands twice.
        Twice { item } "twice"
            "the kind of data {item:?} is there twice"
        /// An item is missing.
        Missing { item } "missing"
            "the kind of data {item:?} is missing; a policy speaks of each"
        /// Too many parts without consent.
        ManyWithout { most } "many-without"
            "more than {most} parts without consent"
        /// Too many regions.
        ManyRegions { most } "many-regions"
            "more than {most} regions"
        /// It is kept too long.
        Days { days, most } "days"
            "days is {days}; at most {most} days are kept"
        /// It is kept no day.
        NoDays {} "no-days" "days is 0; what is recorded is kept for at least a day"
        /// Another basis.
        Basis { basis, expected } "basis"
            "basis is {basis:?}; it must be {expected:?}"
        /// A basis that needs consent.
        WithoutBasis { name } "without-basis"
            "without {name:?}: basis must be contract or legal-obligation"
        /// An empty text.
        Empty { name, language } "empty"
            "{name} is empty in {language}"
        /// A text that is too long.
        Long { name, most, language } "long"
            "{name} has more than {most} characters in {language}"
        /// A text that is not plain.
        Control { name, language } "control"
            "{name} holds control characters in {language}"
        /// A word that is none.
        Word { name, most } "word"
            "{name} must have 1 to {most} plain characters"
    }
}
