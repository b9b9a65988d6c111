//! A scripted afternoon: a printer, the owner's PC and a laptop on one account over four real servers, through everything that an
//! owner does and everything that may happen to a backup. Each step says what it showed; the first thing that is wrong ends it.
//!
//! `tests/end_to_end/run` starts the servers and says where they are in `PRINTKEEP_END_TO_END`; without it nothing is done here.

mod begin;
mod keep;
mod lies;
mod loss;
mod stage;
mod trouble;

#[test]
#[ignore = "tests/end_to_end/run"]
fn a_scripted_afternoon() {
    let Some(servers) = std::env::var_os("PRINTKEEP_END_TO_END") else {
        println!("tests/end_to_end/run starts the servers that this needs");
        return;
    };
    let number = |name: &str, usual| std::env::var(name).ok().map_or(usual, |n| n.parse().expect(name));
    let mut stage = stage::Stage::new(servers.into(), number("PRINTKEEP_END_TO_END_SEED", 1), number("PRINTKEEP_KILLS", 6));
    begin::account_and_stores(&mut stage);
    begin::devices_by_code(&mut stage);
    begin::first_backups(&mut stage);
    begin::following(&mut stage);
    begin::a_letter(&mut stage);
    trouble::kills(&mut stage);
    trouble::a_throttled_store(&mut stage);
    trouble::a_server_that_stops(&mut stage);
    keep::letting_go(&mut stage);
    keep::new_keys(&mut stage);
    lies::earlier_states(&mut stage);
    lies::a_copied_device(&mut stage);
    loss::a_stolen_printer(&mut stage);
    loss::a_lost_laptop(&mut stage);
    loss::the_end(&mut stage);
}
