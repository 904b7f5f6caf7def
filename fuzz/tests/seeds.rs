//! Every fuzz target on every seed: as it is, cut at every octet, with every bit flipped, two
//! seeds joined, and with octets changed at random (from a fixed start, so that a failure repeats).

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

use hanport_fuzz::{TARGETS, reaches_the_list};

/// The seeds: name and octets.
fn seeds() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds");
    let mut seeds: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "hex"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, octets(&fs::read_to_string(&path).unwrap()))
        })
        .collect();
    seeds.sort();
    seeds
}

/// Hexadecimal digits; a line from `#` on is for people.
fn octets(text: &str) -> Vec<u8> {
    let kept = text.lines().map(|line| line.split('#').next().unwrap_or(""));
    let digits: Vec<u8> = kept
        .flat_map(str::chars)
        .filter(|c| !c.is_whitespace())
        .map(|c| u8::try_from(c.to_digit(16).expect("a hexadecimal digit")).unwrap())
        .collect();
    assert_eq!(digits.len() % 2, 0, "half an octet");
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn on_every_target(what: &str, data: &[u8]) {
    for target in TARGETS {
        let outcome = catch_unwind(|| (target.body)(data));
        assert!(outcome.is_ok(), "target {} on {what}: {data:02X?}", target.name);
    }
}

#[test]
fn the_seeds_are_there() {
    assert!(seeds().len() > 5, "the folder of the seeds is empty");
    assert!(seeds().iter().all(|(_, octets)| !octets.is_empty()));
}

#[test]
fn seeds_reach_the_last_layer() {
    // what the engine once found need not be a message, and texts are none
    for (name, octets) in seeds()
        .into_iter()
        .filter(|(name, _)| !name.starts_with("found-") && !name.starts_with("text-"))
    {
        assert!(reaches_the_list(&octets), "{name}");
    }
}

#[test]
fn seeds_as_they_are_and_in_any_portions() {
    for (name, octets) in seeds() {
        on_every_target(&name, &octets);
        for portion in [0u8, 1, 6, 60, 0x80, 0xC3] {
            on_every_target(&name, &[&[portion], octets.as_slice()].concat());
        }
    }
}

#[test]
fn seeds_as_text() {
    for (name, octets) in seeds() {
        let text: String = octets.iter().map(|octet| format!("{octet:02x} ")).collect();
        on_every_target(&name, text.as_bytes());
    }
}

#[test]
fn seeds_cut_at_every_octet() {
    for (name, octets) in seeds() {
        for end in 0..octets.len() {
            on_every_target(&format!("{name} cut at {end}"), &octets[..end]);
            on_every_target(&format!("{name} from {end} on"), &octets[end..]);
        }
    }
}

#[test]
fn seeds_with_every_bit_flipped() {
    for (name, mut octets) in seeds() {
        for bit in 0..8 * octets.len() {
            octets[bit / 8] ^= 1 << (bit % 8);
            on_every_target(&format!("{name} with bit {bit} flipped"), &octets);
            octets[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

#[test]
fn seeds_joined() {
    let seeds = seeds();
    for (first, before) in &seeds {
        for (second, after) in &seeds {
            let joined = [before.as_slice(), after].concat();
            on_every_target(&format!("{first} and {second}"), &joined);
        }
    }
}

#[test]
fn seeds_with_octets_changed_at_random() {
    // xorshift, so that the same octets come on every machine
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut next = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(below.max(1)).unwrap()).unwrap()
    };
    for (name, octets) in seeds() {
        for round in 0..500 {
            let mut changed = octets.clone();
            for _ in 0..=next(4) {
                let at = next(changed.len());
                match next(4) {
                    0 => drop(changed.remove(at)),
                    1 => changed.insert(at, u8::try_from(next(256)).unwrap()),
                    _ => changed[at] = u8::try_from(next(256)).unwrap(),
                }
            }
            on_every_target(&format!("{name}, round {round}"), &changed);
        }
    }
}
