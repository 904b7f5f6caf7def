//! Text telegrams.

use hanport_core::emit::Full;
use hanport_core::link::p1::{CrcForm, LineEnd, TelegramWriter, emit_ciphered};

/// A telegram from its lines (CR LF), the first of which is the identification and the second
/// empty.
pub(crate) fn telegram(lines: &[u8], form: CrcForm) -> Vec<u8> {
    super::written(lines.len() + 16, |out| {
        let text = std::str::from_utf8(lines).map_err(|_| Full)?;
        let mut lines = text.split_terminator("\r\n");
        let ident = lines.next().unwrap_or_default().trim_start_matches('/');
        let mut telegram = TelegramWriter::new(out, ident, LineEnd::CrLf)?;
        for line in lines.skip(1) {
            telegram.line(format_args!("{line}"))?;
        }
        telegram.finish(form)
    })
}

/// A plain identification line and a ciphered body.
pub(crate) fn ciphered(ident: &[u8], body: &[u8]) -> Vec<u8> {
    super::written(ident.len() + body.len() + 16, |out| {
        let ident = std::str::from_utf8(ident).map_err(|_| Full)?;
        emit_ciphered(out, ident.trim().trim_start_matches('/'), body, CrcForm::Normal)
    })
}
