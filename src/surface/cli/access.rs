//! How a store is reached, as it is typed.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::app::access;

/// How a store is reached.
#[derive(Args, Clone, Default)]
pub struct Access {
    /// File with the credentials
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub credentials_file: Option<PathBuf>,
    /// Profile of ~/.aws/credentials
    #[arg(long, value_name = "NAME")]
    pub aws_profile: Option<String>,
    /// Roots
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub ca_file: Option<PathBuf>,
    /// Keys
    #[arg(long, value_name = "SHA256")]
    pub pin: Vec<String>,
    /// The system's roots
    #[arg(long)]
    pub system_roots: bool,
    /// TLS 1.2
    #[arg(long)]
    pub allow_tls12: bool,
    /// The highest rate
    #[arg(long, value_name = "RATE")]
    pub limit: Option<String>,
}

impl From<Access> for access::Access {
    fn from(typed: Access) -> Self {
        let Access { credentials_file, aws_profile, ca_file, pin, system_roots, allow_tls12, limit } = typed;
        Self { credentials_file, aws_profile, ca_file, pin, system_roots, allow_tls12, limit }
    }
}
