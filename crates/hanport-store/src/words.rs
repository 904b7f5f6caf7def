//! How the types of the engine stand in columns.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use hanport_engine::energy::{
    Edges, Interval, Official, Quality, Register, RegisterValue, Standing,
};
use hanport_engine::state::Memory;
use hanport_engine::time::UtcMillis;
use rusqlite::Row;

use crate::key::quarter_of;

/// A memory is never larger than this when it is unpacked: 64 MiB.
const LARGEST_MEMORY: u64 = 1 << 26;

pub(crate) const fn register_number(register: Register) -> i64 {
    match register {
        Register::ActiveImport => 0,
        Register::ActiveExport => 1,
        Register::ReactiveImport => 2,
        Register::ReactiveExport => 3,
    }
}

pub(crate) const fn register(number: i64) -> Option<Register> {
    match number {
        0 => Some(Register::ActiveImport),
        1 => Some(Register::ActiveExport),
        2 => Some(Register::ReactiveImport),
        3 => Some(Register::ReactiveExport),
        _ => None,
    }
}

pub(crate) const fn quality_number(quality: Quality) -> i64 {
    match quality {
        Quality::Missing => 0,
        Quality::Estimated => 1,
        Quality::Interpolated => 2,
        Quality::Measured => 3,
    }
}

/// What no version wrote counts as the worst.
const fn quality(number: i64) -> Quality {
    match number {
        1 => Quality::Estimated,
        2 => Quality::Interpolated,
        3 => Quality::Measured,
        _ => Quality::Missing,
    }
}

pub(crate) const fn standing_number(standing: Standing) -> i64 {
    match standing {
        Standing::Provisional => 0,
        Standing::Settled => 1,
    }
}

pub(crate) fn edges_number(edges: Edges) -> i64 {
    i64::from(edges.start) | i64::from(edges.end) << 1
}

/// An interval from `day, slot, wh, quality, standing, edges`.
pub(crate) fn interval(register: Register, row: &Row<'_>) -> rusqlite::Result<Interval> {
    let edges: i64 = row.get(5)?;
    let standing: i64 = row.get(4)?;
    Ok(Interval {
        register,
        quarter: quarter_of(row.get(0)?, row.get(1)?),
        wh: row.get(2)?,
        quality: quality(row.get(3)?),
        standing: if standing == 0 { Standing::Provisional } else { Standing::Settled },
        edges: Edges { start: edges & 1 != 0, end: edges & 2 != 0 },
    })
}

/// A reading from `at, received, mwh, step_mwh`.
pub(crate) fn official(row: &Row<'_>) -> rusqlite::Result<Official> {
    Ok(Official {
        at: UtcMillis(row.get(0)?),
        received: UtcMillis(row.get(1)?),
        value: RegisterValue { mwh: row.get(2)?, step_mwh: row.get(3)? },
    })
}

/// A memory as it is written: JSON, deflated (its keys repeat a lot).
pub(crate) fn pack_memory(memory: &Memory) -> Option<Vec<u8>> {
    let text = serde_json::to_vec(memory).ok()?;
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(&text).ok()?;
    encoder.finish().ok()
}

/// And back; the check sum of the packing finds damage.
pub(crate) fn unpack_memory(packed: &[u8]) -> Result<Memory, String> {
    let mut text = Vec::new();
    let mut decoder = ZlibDecoder::new(packed).take(LARGEST_MEMORY);
    decoder.read_to_end(&mut text).map_err(|error| error.to_string())?;
    serde_json::from_slice(&text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memory_comes_out_as_it_went_in() {
        let memory = Memory::default();
        let packed = pack_memory(&memory).unwrap();
        assert_eq!(unpack_memory(&packed), Ok(memory));
        let mut damaged = packed;
        let middle = damaged.len() / 2;
        damaged[middle] ^= 0x40;
        assert!(unpack_memory(&damaged).is_err());
        assert!(unpack_memory(b"").is_err());
    }

    #[test]
    fn registers_keep_their_numbers() {
        for one in Register::ALL {
            assert_eq!(register(register_number(one)), Some(one));
        }
        assert_eq!(register(4), None);
        for one in [Quality::Missing, Quality::Estimated, Quality::Interpolated, Quality::Measured]
        {
            assert_eq!(quality(quality_number(one)), one);
        }
    }
}
