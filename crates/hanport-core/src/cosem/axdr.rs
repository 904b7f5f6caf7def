//! A-XDR: the encoding of COSEM data (IEC 61334-6).
