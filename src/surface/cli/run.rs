//! From a request to what is seen of it: how it goes, its reply, why it failed.

use super::progress::Progress;
use super::prompt::Terminal;
use super::screen::Screen;
use super::{document, lines};
use crate::app::{self, Cancel, Exit, Failure, Reply, Request, Session};
use crate::surface::words;
use crate::text;

/// Does what is asked, shows how it goes and what came of it.
pub fn run(session: &Session, screen: &Screen, request: Request, cancel: &Cancel) -> Exit {
    let name = request.name();
    let progress = Progress::new(screen, cancel);
    let done =
        app::perform(session, request, &Terminal { screen, cancel, progress: &progress }, &|event| progress.take(event), cancel);
    match progress.finish() {
        // whoever reads has seen enough
        Some(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Exit::Done,
        Some(error) => return screen.fail(name, &unwritable(&error)),
        None => {}
    }
    match done {
        Ok(reply) => finish(screen, &reply),
        Err(failure) => screen.fail(name, &failure),
    }
}

fn unwritable(error: &std::io::Error) -> Failure {
    Failure::new(Exit::Failed, text!("output-unwritable", why = error.to_string())).hint(text!("output-unwritable-hint"))
}

fn finish(screen: &Screen, reply: &Reply) -> Exit {
    if screen.json {
        words::print(&document::reply(reply, &screen.words).to_string());
        return reply.exit;
    }
    if !screen.quiet {
        lines::lines(&reply.body, &screen.words).iter().for_each(|line| words::print(line));
    }
    reply.unwritten.iter().for_each(|text| words::note(&format!("printkeep: {}", screen.words.say(text))));
    reply.exit
}
