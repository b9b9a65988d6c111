//! Faults that are data: each with a name and details, so that every surface says it in its owner's language.

/// What has a name and details.
pub trait Named {
    /// Its name, which stays the same.
    fn id(&self) -> &'static str;

    /// Its details, each with its name.
    fn details(&self) -> Vec<(&'static str, &str)>;
}

/// Declares faults: name, details, name in texts, words in English for logs and tests. A test holds the English words against those on screen.
#[macro_export]
macro_rules! named_faults {
    ($(#[$meta:meta])* $enum:ident { $($(#[$doc:meta])* $name:ident { $($detail:ident),* } $id:literal $english:literal)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $enum {
            $($(#[$doc])* $name {
                $(#[doc = concat!("The ", stringify!($detail), ".")] $detail: String,)*
            },)*
        }

        impl $crate::core::named::Named for $enum {
            fn id(&self) -> &'static str {
                match self {
                    $(Self::$name { .. } => $id,)*
                }
            }

            fn details(&self) -> Vec<(&'static str, &str)> {
                match self {
                    $(Self::$name { $($detail),* } => vec![$((stringify!($detail), $detail.as_str())),*],)*
                }
            }
        }

        impl std::fmt::Display for $enum {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    $(Self::$name { $($detail),* } => write!(f, $english),)*
                }
            }
        }

        impl std::error::Error for $enum {}

        #[cfg(test)]
        impl $enum {
            /// One of each, its details called by their names.
            pub fn each() -> Vec<Self> {
                vec![$(Self::$name { $($detail: format!("<{}>", stringify!($detail))),* }),*]
            }
        }
    };
}
