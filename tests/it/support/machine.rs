//! A made-up printer's file system, full of canaries, and what must never be seen of it.

use std::path::Path;

pub const SERIAL: &str = "canary-serial-0042";
pub const MAC: &str = "c4:4a:12:34:56:78";
pub const SSID: &str = "canary home network";
pub const LOCAL_IP: &str = "192.168.211.77";
pub const PUBLIC_IP: &str = "2a02:db8:ca4a:1234:c44a:12ff:fe34:5678";
pub const HOSTNAME: &str = "canary-hostname";
pub const MODEL: &str = "Canary Printer Mk2";
pub const SECRET: &str = "canary-wifi-password";

/// What stands nowhere, whatever is allowed.
pub const RAW: [&str; 9] =
    [SERIAL, MAC, "c44a12345678", SSID, LOCAL_IP, PUBLIC_IP, "2a020db8ca4a1234c44a12fffe345678", HOSTNAME, SECRET];

/// Writes the tree; with `seed` some of what changes from machine to machine.
pub fn make(root: &Path) {
    let put = |path: &str, text: &str| {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    put("proc/device-tree/model", &format!("{MODEL}\0"));
    put("proc/device-tree/serial-number", &format!("{SERIAL}\0"));
    put("etc/os-release", "NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 13\"\n");
    put("proc/sys/kernel/osrelease", "6.12.1\n");
    put("proc/sys/kernel/hostname", &format!("{HOSTNAME}\n"));
    put("sys/class/dmi/id/bios_version", "U-Boot 2024.1\n");
    // a card whose very name holds its address
    let card = format!("sys/class/net/wlx{}", MAC.replace(':', ""));
    put(&format!("{card}/address"), &format!("{MAC}\n"));
    put(&format!("{card}/operstate"), "up\n");
    put(&format!("{card}/ifindex"), "3\n");
    put(&format!("{card}/uevent"), "DEVTYPE=wlan\nINTERFACE=wlx\n");
    put(&format!("{card}/device/vendor"), "0x1\n");
    put("sys/class/net/lo/address", "00:00:00:00:00:00\n");
    put("sys/class/net/docker0/address", "02:42:00:00:00:01\n");
    put("sys/class/net/wwan0/operstate", "up\n");
    put("sys/class/net/wwan0/ifindex", "4\n");
    put("sys/class/net/wwan0/uevent", "DEVTYPE=wwan\n");
    put("sys/class/net/wwan0/device/vendor", "0x1\n");
    put("run/NetworkManager/devices/3", "[device]\nmanaged=true\nconnection-uuid=aaaa-1\n");
    put("run/NetworkManager/devices/4", "[device]\nconnection-uuid=bbbb-2\n");
    let profile = format!("[connection]\nid={SSID}\nuuid=aaaa-1\n[wifi]\nssid={SSID}\n[wifi-security]\npsk={SECRET}\n");
    put("etc/NetworkManager/system-connections/home.nmconnection", &profile);
    put("etc/NetworkManager/system-connections/sim.nmconnection", "[connection]\nuuid=bbbb-2\n[gsm]\nnetwork-id=26201\n");
    put(
        "proc/net/fib_trie",
        &format!(
            "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 127.0.0.1\n        /32 host LOCAL\n     |-- {LOCAL_IP}\n        /32 host LOCAL\n"
        ),
    );
    put(
        "proc/net/if_inet6",
        "00000000000000000000000000000001 01 80 10 80 lo\n2a020db8ca4a1234c44a12fffe345678 03 40 00 80 wlx\nfe80000000000000c64a12fffe345678 03 40 20 80 wlx\n",
    );
    put(
        "printer/config/printer.cfg",
        &format!("[printer]\nkinematics: corexy\nmax_velocity: 300\n[mcu]\nserial: /dev/serial/by-id/{SERIAL}\n"),
    );
}
