//! Klipper settings: sections, pins and numbers, with a saved block at the end.

use std::fmt::Write;

use super::Dice;

/// A printer.cfg of about `size` bytes.
pub fn config(size: usize, seed: u64) -> Vec<u8> {
    let mut dice = Dice::new(seed);
    let mut out =
        String::from("# This file contains settings of the printer; see docs/Config_Reference.md for a description.\n[mcu]\n");
    let _ = writeln!(out, "serial: /dev/serial/by-id/usb-Klipper_stm32f103xe_{:024X}-if00\n", dice.next());
    let mut number = 0;
    while out.len() + 300 < size {
        section(number, &mut dice, &mut out);
        number += 1;
    }
    out.push_str("#*# <---------------------- SAVE_CONFIG ---------------------->\n#*# DO NOT EDIT THIS BLOCK OR BELOW.\n#*#\n#*# [extruder]\n");
    let _ = writeln!(out, "#*# pid_kp = {}\n#*# pid_ki = {}", dice.below(90_000) as f32 / 1e3, dice.below(9_000) as f32 / 1e3);
    out.into_bytes()
}

fn section(number: usize, dice: &mut Dice, out: &mut String) {
    let mut pin = || format!("P{}{}", b"ABCDE"[usize::try_from(dice.below(5)).unwrap()] as char, dice.below(16));
    let pins = [pin(), pin(), pin(), pin()];
    let _ = match number % 4 {
        0 => writeln!(
            out,
            "[stepper_{number}]\nstep_pin: {}\ndir_pin: {}\nenable_pin: !{}\nmicrosteps: 16\nrotation_distance: {}.{:05}\nendstop_pin: ^{}\nposition_endstop: 0\nposition_max: {}\nhoming_speed: 50\n",
            pins[0],
            pins[1],
            pins[2],
            dice.within(8, 41),
            dice.below(100_000),
            pins[3],
            dice.within(180, 351)
        ),
        1 => writeln!(
            out,
            "[heater_fan fan_{number}]\npin: {}\nheater: extruder\nheater_temp: {}.0\nfan_speed: 1.0\n",
            pins[0],
            dice.within(40, 61)
        ),
        2 => writeln!(
            out,
            "[gcode_macro MOVE_{:x}]\ndescription: moves the head aside\ngcode:\n    SAVE_GCODE_STATE NAME=move_{number}\n    G91\n    G1 Z{} F{}\n    G90\n    G1 X{} Y{} F6000\n    RESTORE_GCODE_STATE NAME=move_{number}\n",
            dice.below(1 << 32),
            dice.within(1, 20),
            dice.within(300, 900),
            dice.within(0, 235),
            dice.within(0, 235)
        ),
        _ => writeln!(
            out,
            "[tmc2209 stepper_{number}]\nuart_pin: {}\ntx_pin: {}\nuart_address: {}\nrun_current: 0.{}\n#sense_resistor: 0.{:06}\nstealthchop_threshold: 999999\n",
            pins[0],
            pins[1],
            dice.below(4),
            dice.within(400, 900),
            dice.below(1_000_000)
        ),
    };
}
