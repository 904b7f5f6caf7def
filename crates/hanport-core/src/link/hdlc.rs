//! HDLC frames of type 3 (ISO/IEC 13239 as used by IEC 62056-46).
