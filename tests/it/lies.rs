//! A table of lies: what a store shows that is not so, and what a stolen device signs. Each ends the same way: nothing of it is believed or
//! handed on, the store that told it is named, backups, restores and the honest store go on, and all is well once the lie is gone.

mod judgement;
mod made_up;
mod past;
mod provider;
mod rogue;
mod withheld;
mod world;

#[test]
fn the_table_holds_more_than_a_hundred_lies() {
    let all: Vec<_> = [made_up::cases(), withheld::cases(), rogue::cases()].into_iter().flatten().map(|case| case.name).collect();
    assert!(all.len() > 100, "{}", all.len());
}
