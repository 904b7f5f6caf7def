//! Frames of HDLC and of M-Bus.

use hanport_core::link::{Probe, hdlc as frames, mbus as long_frames};

use crate::frames::kept;

/// An HDLC frame: found the same by its header first and at once.
pub fn hdlc(data: &[u8]) {
    let probe = frames::Frame::probe(data);
    kept(data, probe.clone(), |frame| (frame.len, frame.info.clone()));
    if let Probe::Frame(frame) = probe {
        // nothing in front of its end makes it look whole
        for end in 0..frame.len {
            let cut = frames::Frame::probe(&data[..end]);
            assert!(matches!(cut, Probe::More(_)), "whole with {end} of {}", frame.len);
        }
    }
}

/// An M-Bus frame and the part of a message in it.
pub fn mbus(data: &[u8]) {
    let probe = long_frames::Frame::probe(data);
    kept(data, probe.clone(), |frame| (frame.len, frame.data.clone()));
    kept(data, long_frames::short(data), |&len| (len, 0..len));
    if let Probe::Frame(frame) = probe
        && let Some(segment) = frame.segment(data)
    {
        assert!(segment.data.start <= segment.data.end, "{segment:?}");
        assert!(segment.data.end <= frame.data.end, "{segment:?} outside of {frame:?}");
    }
}
