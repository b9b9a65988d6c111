//! Arguments in, exit code out.

fn main() -> std::process::ExitCode {
    printkeep::surface::run()
}
