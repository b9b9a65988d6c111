//! Who speaks on the screen: words stand in the Fluent files, and in the code are faults as data.

use super::{code, sources};

/// Where words are shown as they are, and whose they are: all others have a message in the Fluent files.
const SPEAKERS: [(&str, &str); 4] = [
    ("app/forms/problem.rs", "the name of an object"),
    ("app/reasons.rs", "a system, a server or a library, in its own language"),
    ("app/text.rs", "it makes them"),
    ("surface/cli/privacy/policy_lines.rs", "the name of a kind of data"),
];

/// What a fault is called where it is at hand.
const FAULTS: [&str; 9] = ["broken", "err", "error", "failed", "failure", "fault", "problem", "reason", "why"];

/// What stands within the brackets of each `text!(…)`.
fn messages(text: &str) -> Vec<String> {
    let code: String = code(text).collect::<Vec<_>>().join("\n");
    let within = |rest: &str| {
        let mut depth = 1;
        let end = rest.find(|c: char| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth == 0
        });
        rest[..end.unwrap_or(rest.len())].to_owned()
    };
    code.match_indices("text!(").map(|(at, opening)| within(&code[at + opening.len()..])).collect()
}

/// The faults that a message shows in the English of the code.
fn untranslated(text: &str) -> Vec<String> {
    let is_one = |message: &String| {
        message.match_indices(".to_string()").any(|(at, _)| {
            let before = message[..at].rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
            FAULTS.contains(&before)
        })
    };
    messages(text).into_iter().filter(is_one).collect()
}

/// The places that say something in the English of the code instead of a reason with a name.
fn unnamed_reasons(text: &str) -> Vec<&str> {
    let is_one = |line: &&str| {
        line.match_indices("ProviderError::").any(|(at, opening)| {
            let rest = line[at + opening.len()..].trim_start_matches(char::is_alphanumeric);
            ["(\"", "(format!("].iter().any(|words| rest.starts_with(words))
        })
    };
    code(text).filter(is_one).collect()
}

/// The places that give an error of the system words in the English of the code, instead of a reason that travels in it.
fn unnamed_errors(text: &str) -> Vec<String> {
    let code: String = code(text).collect::<Vec<_>>().join("\n");
    let is_one = |after: &str| {
        let first = after.trim_start();
        first.starts_with('"') || first.starts_with("format!(") || first.contains(".to_string()") && !first.starts_with('|')
    };
    let after = code.match_indices("Error::other(").map(|(at, opening)| &code[at + opening.len()..]);
    let within = after.map(|rest| rest.split(';').next().unwrap_or_default());
    within.filter(|rest| is_one(rest)).map(str::to_owned).collect()
}

/// Nobody reads the English of the code: what is wrong is data, and its words stand in the Fluent files of both languages.
#[test]
fn only_a_system_a_server_or_a_library_speaks_for_itself() {
    let sources = sources();
    let speaks = |text: &str| code(text).any(|line| line.contains("Text::plain("));
    let found: Vec<_> =
        sources.iter().filter(|(name, text)| speaks(text) || name == "app/text.rs").map(|(name, _)| name).collect();
    assert_eq!(found, SPEAKERS.iter().map(|(name, _)| name).collect::<Vec<_>>());
    let shown = sources.iter().filter(|(name, _)| name.starts_with("app/") || name.starts_with("surface/"));
    let mut faults: Vec<String> =
        shown.flat_map(|(name, text)| untranslated(text).into_iter().map(move |m| format!("{name}: {m}"))).collect();
    faults.extend(
        sources.iter().flat_map(|(name, text)| unnamed_reasons(text).into_iter().map(move |line| format!("{name}: {line}"))),
    );
    let errors = sources.iter().flat_map(|(name, text)| unnamed_errors(text).into_iter().map(move |m| format!("{name}: {m}")));
    faults.extend(errors);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn faults_in_english_are_found() {
    let shown = [
        r#"text!("a", why = error.to_string())"#,
        "text!(\n    \"a\",\n    of = x(y),\n    why = self.why.to_string()\n)",
        r#"text!("a", why = text!("b", why = broken.to_string()))"#,
    ];
    assert!(shown.iter().all(|text| !untranslated(text).is_empty()));
    let fine = [
        r#"text!("a", name = name.to_string())"#,
        r#"(text!("a", why = because(why)), error.to_string())"#,
        "// text!(error.to_string())",
    ];
    assert!(fine.iter().all(|text| untranslated(text).is_empty()));
    assert_eq!(
        unnamed_reasons(
            "return Err(ProviderError::Nonsense(\"a part\".into()));\nErr(ProviderError::Local(format!(\"x\").into()))"
        )
        .len(),
        2
    );
    let spoken = [
        "Err(io::Error::other(\n    \"it is so\",\n));",
        "io::Error::other(format!(\"x\"))",
        "map_err(|e| Error::other(e.to_string()))",
    ];
    assert!(spoken.iter().all(|text| unnamed_errors(text).len() == 1));
    assert!(unnamed_errors("Err(Reason::NotThere {}.into())\nmap_err(io::Error::other)").is_empty());
    assert!(unnamed_reasons("ProviderError::Nonsense(Reason::NotHeld {})\nProviderError::Local(text.into())").is_empty());
}
