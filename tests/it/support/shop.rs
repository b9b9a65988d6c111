//! A PC with an S3 store of its own and a printer that only writes there, held to the very policy that is printed for it.

use crate::support::gate::{PRINTER, PRINTER_KEY, PRINTER_SECRET};
use crate::support::program::{self, Home, gcode};
use crate::support::server::{self, S3Server};
use printkeep::core::name::{AccountId, DeviceId, ObjectName};
use printkeep::provider::credentials::Credentials;
use printkeep::provider::s3::S3;
use serde_json::Value;

pub struct Shop {
    pub server: S3Server,
    pub pc: Home,
    pub printer: Home,
    pub kit: String,
}

pub fn home(name: &str) -> Home {
    let home = Home::new();
    (0..3).for_each(|n| std::fs::write(home.data.join(format!("{name}-{n}.gcode")), gcode(n, 3000)).unwrap());
    home
}

pub fn keys(home: &Home, access: &str, secret: &str) -> String {
    let path = home.folder.path().join("keys.txt");
    std::fs::write(&path, format!("{access}\n{secret}\n")).unwrap();
    path.to_str().unwrap().to_owned()
}

pub fn add(home: &Home, server: &S3Server, (access, secret): (&str, &str), more: &[&str]) -> Value {
    let keys = keys(home, access, secret);
    let (url, ca) = (server.url("p"), server.ca_file.to_str().unwrap());
    home.done(&[&["store", "add", &url, "--name", "cloud", "--credentials-file", &keys, "--ca-file", ca], more].concat())
}

/// A PC with a store and its own credentials; a printer that joined and was then given credentials of its own, and their policy.
pub fn shop(more: &[&str]) -> Shop {
    let server = S3Server::start();
    let (pc, printer) = (home("pc"), home("printer"));
    let owner = (server::ACCESS_KEY, server::SECRET_KEY);
    pc.done(&["setup", "--device-name", "pc"]);
    pc.done(&["privacy", "grant", "network"]);
    add(&pc, &server, owner, &[]);
    pc.backup();
    pc.done(&["sync"]);
    let kit = pc.path.join("recovery-kit.txt").to_str().unwrap().to_owned();
    let (url, ca, own) = (server.url("p"), server.ca_file.to_str().unwrap(), keys(&printer, owner.0, owner.1));
    let join = ["setup", "--join", &url, "--recovery-kit", &kit, "--device-name", "ender"];
    printer.done(&[&join[..], &["--credentials-file", &own, "--ca-file", ca]].concat());
    pc.done(&["sync"]);
    printer.done(&["store", "remove", "store"]);
    add(&printer, &server, (PRINTER_KEY, PRINTER_SECRET), &[&["--write-only"], more].concat());
    let shop = Shop { server, pc, printer, kit };
    shop.print_policy(&[]);
    shop
}

impl Shop {
    /// Puts the policy that the printer prints on the bucket.
    pub fn print_policy(&self, more: &[&str]) -> Value {
        let told = self.printer.done(&[&["store", "rights", "cloud", "--write-only", "--principal", PRINTER], more].concat());
        self.server.gate.set_policy(&told["policy"]);
        told["policy"].clone()
    }

    pub fn sync(&self) -> Value {
        self.printer.done(&["sync"])["stores"][0].clone()
    }

    pub fn account(&self) -> AccountId {
        AccountId::parse(self.pc.vault().file_name().unwrap().to_str().unwrap()).unwrap()
    }

    /// The bucket with the printer's credentials, and none of the program's manners.
    pub fn thief(&self) -> S3 {
        let text = format!("[a]\naws_access_key_id={PRINTER_KEY}\naws_secret_access_key={PRINTER_SECRET}\n");
        let credentials = Credentials::parse_aws_profile(&text, "a").unwrap();
        let address = server::s3_address(&self.server.url("p"));
        S3::new(&server::permit(), &address, &self.server.trust(), &credentials, self.account()).unwrap()
    }

    /// What the bucket holds of a folder.
    pub fn held(&self, folder: &str) -> Vec<ObjectName> {
        let root = self.server.data.join("bucket/p").join(self.account().to_string());
        let mut found = Vec::new();
        program::each_file(&root.join(folder), &mut |path| {
            found.extend(ObjectName::parse(path.strip_prefix(&root).unwrap().to_str().unwrap()));
        });
        found.sort();
        found
    }

    pub fn remove(&self, name: &ObjectName) {
        let root = self.server.data.join("bucket/p").join(self.account().to_string());
        std::fs::remove_file(root.join(name.to_string())).unwrap();
    }

    pub fn device(&self, name: &str) -> DeviceId {
        let listed = self.pc.done(&["device", "list"]);
        let device = listed["devices"].as_array().unwrap().iter().find(|d| d["name"] == name).unwrap().clone();
        DeviceId::parse(device["id"].as_str().unwrap()).unwrap()
    }
}
