//! `certs/`: every root is the one its header names, none has run out, the table is true, and no private key lies there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

#[test]
fn roots_are_what_their_headers_say() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("certs");
    let table = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).unwrap().flatten() {
        let text = std::fs::read_to_string(entry.path()).unwrap();
        assert!(!text.contains("PRIVATE KEY"), "{}", entry.path().display());
        if entry.path().extension().is_none_or(|e| e != "pem") {
            continue;
        }
        let field = |name: &str| text.lines().filter_map(move |l| l.strip_prefix(name)).map(str::to_owned).collect::<Vec<_>>();
        let (hashes, days) = (field("# SHA-256: "), field("# last day: "));
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(text.as_bytes()).map(Result::unwrap).collect();
        assert_eq!((hashes.len(), days.len()), (certificates.len(), certificates.len()));
        for ((certificate, hash), day) in certificates.iter().zip(&hashes).zip(&days) {
            let digest = ring::digest::digest(&ring::digest::SHA256, certificate);
            assert_eq!(printkeep::core::name::hex(digest.as_ref()), *hash);
            assert!(table.contains(hash.as_str()) && table.contains(day.as_str()), "{hash} is not in the table");
            let today = jiff::Zoned::now().strftime("%Y-%m-%d").to_string();
            assert!(*day > today, "a root of {} has run out on {day}", entry.path().display());
            count += 1;
        }
    }
    assert!(count >= 20);
}
