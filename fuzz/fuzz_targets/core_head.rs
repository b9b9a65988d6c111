//! Heads and rosters: bounded whatever they claim.
#![no_main]
use libfuzzer_sys::fuzz_target;
use printkeep::core::signed::Signed;
use printkeep::core::name::ObjectHash;
use printkeep::core::roster::{MAX_BELIEVED, Member, Role, Roster};
use printkeep::core::{index, snapshot::Head};

fuzz_target!(|data: &[u8]| {
    if let Ok(head) = Head::decode(data) {
        for needs in &head.needs {
            assert!(needs.ordinals().take(index::MAX_PACKS + 1).count() <= index::MAX_PACKS);
        }
    }
    if let Ok(roster) = Roster::decode(data) {
        roster.members.iter().for_each(|member| claims(&roster, member));
    }
});

/// Of a revoked device the snapshots are believed that stand there, in order, and none besides; of whoever may delete no longer no note counts
/// after the last.
fn claims(roster: &Roster, member: &Member) {
    let other = ObjectHash::from_bytes([0xa5; 32]);
    if roster.member(&member.id) != Some(member) {
        return;
    }
    if let Role::Revoked(believed) = &member.role {
        assert!(believed.len() <= MAX_BELIEVED && believed.is_sorted_by(|a, b| a < b));
        for (number, hash) in believed {
            assert!(roster.believes(&member.id, *number, hash) && !roster.is_after_revocation(&member.id, *number));
            assert!(*hash == other || believed.contains(&(*number, other)) || !roster.believes(&member.id, *number, &other));
        }
        let last = believed.last().map_or(0, |(number, _)| *number);
        assert!(last == u64::MAX || !roster.believes(&member.id, last + 1, &other));
    }
    if !roster.may_delete(&member.id) {
        let last = member.last_note.map_or(0, |(number, _)| number);
        assert!(last == u64::MAX || !roster.counts(&member.id, last + 1, &other));
        assert!(member.last_note.is_none_or(|(number, hash)| hash == other || !roster.counts(&member.id, number, &other)));
    }
}
