//! `device`: the account's devices: which there are, what each may do, and letting one go.

use serde_json::{Value, json};

use crate::core::keys::Keyring;
use crate::core::roster::{Member, Standing};
use crate::engine::account::Account;
use crate::engine::ask::{self as stores, Asked};
use crate::engine::roster::{self, Change};
use crate::engine::{rotate, select};
use crate::surface::args::{DeviceCommand, Owner};
use crate::surface::ask;
use crate::surface::cmd::{enroll, totp};
use crate::surface::context::Context;
use crate::surface::exit::{Exit, Failure};
use crate::surface::show::Answer;
use crate::surface::words;

const SYNC: &str = "Run `printkeep sync` here, and on the other devices, so that they know.";

/// Lists or changes devices.
pub fn run(context: &Context, command: DeviceCommand) -> Result<Answer, Failure> {
    match command {
        DeviceCommand::List => list(context),
        DeviceCommand::Rename { name, new, owner } => {
            let told = format!("{name:?} is called {new:?} from now on.");
            change(context, &name, &Change::Rename(new), &owner, vec![told])
        }
        DeviceCommand::Allow { name, owner } => {
            let told = format!(
                "{name:?} may say what is no longer needed, and your other devices need not store what it holds already."
            );
            change(context, &name, &Change::Allow, &owner, vec![told])
        }
        DeviceCommand::Disallow { name, owner } => {
            change(context, &name, &Change::Disallow, &owner, vec![format!("{name:?} only adds snapshots from now on.")])
        }
        DeviceCommand::Revoke { name, yes, owner } => revoke(context, &name, yes, &owner),
        DeviceCommand::Enroll { listen, share_credentials, owner } => enroll::host(context, listen, share_credentials, &owner),
    }
}

fn list(context: &Context) -> Result<Answer, Failure> {
    let account = context.look()?;
    let (mut lines, mut fields) = (Vec::new(), Vec::new());
    let width = account.roster.members.iter().map(|member| member.name.chars().count()).max().unwrap_or_default();
    for member in &account.roster.members {
        let last = roster::last(&account, member.id)?;
        let here = member.id == account.device.id;
        let id: String = member.id.to_string().chars().take(8).collect();
        let made = last.map_or_else(|| "no snapshot".into(), |l| format!("snapshot {} of {}", l.number, words::time(l.time)));
        let pad = " ".repeat(width - member.name.chars().count());
        let mark = if here { "  (this one)" } else { "" };
        lines.push(format!("{}{pad}  {id}  {:<7}  {made}{mark}", member.name, standing(member)));
        fields.push(json!({
            "name": member.name, "id": member.id.to_string(), "standing": standing(member), "this": here,
            "last": last.map(|l| json!({ "snapshot": l.number, "time": l.time })),
        }));
    }
    let number = account.roster.number;
    Ok(Answer::new(lines, json!({ "devices": fields, "roster": number, "generation": account.device.keys.generation() })))
}

fn standing(member: &Member) -> &'static str {
    match member.standing {
        Standing::Writer => "writer",
        Standing::Keeper => "keeper",
        Standing::Revoked(..) => "revoked",
    }
}

/// The account, unlocked, once the stores were asked what other machines changed.
pub struct Opened {
    /// The account.
    pub account: Account,
    /// The owner's keys.
    pub keyring: Keyring,
    /// The stores that were asked.
    pub asked: Asked,
}

/// Opens the account for a change that every machine of it must know.
pub fn open(context: &Context, owner: &Owner) -> Result<Opened, Failure> {
    let config = context.config()?;
    let mut account = context.open()?;
    // a wrong passphrase is told before anything is fetched; keys that are missing here may come from the stores
    let early = match ask::unlock_as_owner(context, &account, &owner.unlock) {
        Err(failure) if failure.exit == Exit::Damaged && account.device.keys.generation() > 1 => None,
        done => Some(done?),
    };
    let progress = context.progress();
    let asked = stores::ask(&mut account, &config.stores, owner.offline, &|event| progress.event(event), &context.cancel);
    progress.finish();
    let asked = asked.map_err(|error| {
        let failure = Failure::from(error);
        if failure.exit == Exit::Store {
            failure.hint("another machine may have changed the devices: try again when the store can be reached, or add --offline if none did")
        } else {
            failure
        }
    })?;
    for (store, why) in asked.left_out.iter().filter(|_| !context.json && !context.quiet) {
        words::note(&format!("The store {store} was not asked for changes of other machines: {why}."));
    }
    let keyring = match early {
        Some(mut keyring) => {
            rotate::extend_here(&account, &mut keyring)?;
            keyring
        }
        None => ask::unlock_as_owner(context, &account, &owner.unlock)?,
    };
    Ok(Opened { account, keyring, asked })
}

fn change(context: &Context, name: &str, change: &Change, owner: &Owner, mut lines: Vec<String>) -> Result<Answer, Failure> {
    roster::find(&context.look()?, name)?;
    let Opened { mut account, keyring, asked } = open(context, owner)?;
    lines.extend(asked.set_aside.iter().map(|(name, why)| format!("{name}: {why}.")));
    let device = roster::find(&account, name)?;
    let changed = roster::change(&mut account, &keyring, device.id, change.clone(), &context.random)?;
    lines.push(SYNC.into());
    Ok(Answer::new(lines, fields(&account, &changed)))
}

fn fields(account: &Account, member: &Member) -> Value {
    json!({
        "device": member.name, "id": member.id.to_string(), "standing": standing(member), "roster": account.roster.number,
    })
}

fn revoke(context: &Context, name: &str, yes: bool, owner: &Owner) -> Result<Answer, Failure> {
    let looked = context.look()?;
    let device = roster::find(&looked, name)?;
    let here = device.id == looked.device.id;
    drop(looked);
    if here && !yes {
        return Err(Failure::usage(format!(
            "{name:?} is the device you sit at: nothing it backs up afterwards would be believed"
        ))
        .hint("revoke it from another device, or add --yes if you mean it"));
    }
    if !yes {
        confirm(&device.name)?;
    }
    let Opened { mut account, mut keyring, asked } = open(context, owner)?;
    totp::ask(context, &account)?;
    let revoked = roster::change(&mut account, &keyring, device.id, Change::Revoke, &context.random)?;
    let rotated = rotate::rotate(&mut account, &mut keyring, &asked, &context.random);
    let last = roster::last(&account, device.id)?;
    let made = last.map_or_else(
        || "none of its snapshots is known here, and none is believed".into(),
        |l| {
            format!(
                "its snapshots up to number {} of {} are kept and believed, later ones are not",
                l.number,
                words::time(l.time)
            )
        },
    );
    let mut lines = vec![format!("{:?} is revoked: {made}.", device.name)];
    lines.push(match &rotated {
        Ok(_) => "The account's keys were changed too, because that device holds some of the old ones.".into(),
        Err(error) => format!("The account's keys could not be changed: {error}. Do it with `printkeep key rotate`."),
    });
    lines.push("What remains for you:".into());
    lines.push("  - run `printkeep sync` here, and on the other devices, so that they know".into());
    lines.push(
        "  - at your storage provider, change the credentials that the device had; until then it can add and remove there".into(),
    );
    let mut fields = fields(&account, &revoked);
    if let Value::Object(map) = &mut fields {
        map.insert("last_believed".into(), last.map(|l| l.number).into());
        map.insert("generation".into(), keyring.newest().into());
        map.insert("keys_changed".into(), rotated.is_ok().into());
        map.insert("remains".into(), json!(["sync", "credentials"]));
    }
    Ok(Answer::new(lines, fields).exit(if rotated.is_ok() { Exit::Done } else { Exit::Incomplete }))
}

fn confirm(name: &str) -> Result<(), Failure> {
    let wrong = "the name that was typed is not the device's; nothing was changed";
    if !ask::can_ask() {
        return Err(Failure::usage("nobody is there to confirm it").hint("add --yes to revoke it without being asked"));
    }
    let typed = ask::line(&format!("Type the device's name, {name}, to revoke it."))?;
    if typed == name { Ok(()) } else { Err(Failure::usage(wrong)) }
}

/// `key rotate`
pub fn rotate_keys(context: &Context, owner: &Owner) -> Result<Answer, Failure> {
    let Opened { mut account, mut keyring, asked } = open(context, owner)?;
    let rotated = rotate::rotate(&mut account, &mut keyring, &asked, &context.random)?;
    let made = if rotated.finished { "An earlier change of keys was finished" } else { "The account has new keys" };
    let mut lines = vec![
        format!("{made}: what is backed up from now on is sealed under generation {}.", rotated.generation),
        "What lies there already stays as it is and readable; passphrase and recovery kit stay the same.".into(),
        "Run `printkeep sync` here, then on the other devices: each takes the new keys over by itself.".into(),
    ];
    // whoever has no snapshot of a later version may be a device of the first version; it tells so itself when it syncs
    let silent = select::head_names(&account)?.len() < account.roster.members.len();
    if silent {
        lines.push("A device that says it cannot take them over must be enrolled again.".into());
    }
    let fields = json!({ "generation": rotated.generation, "granted": rotated.granted, "finished": rotated.finished });
    Ok(Answer::new(lines, fields))
}
