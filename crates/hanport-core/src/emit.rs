//! Writing octets into a given buffer: the way back from values to frames.

/// The buffer is too small for what is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the buffer is full")]
pub struct Full;

/// Writes octets one after the other into a slice.
#[derive(Debug)]
pub struct Writer<'a> {
    buffer: &'a mut [u8],
    len: usize,
}

impl<'a> Writer<'a> {
    /// Starts at the beginning of `buffer`.
    pub const fn new(buffer: &'a mut [u8]) -> Self {
        Self { buffer, len: 0 }
    }

    /// Appends octets.
    pub fn put(&mut self, octets: &[u8]) -> Result<(), Full> {
        let end = self.len + octets.len();
        self.buffer.get_mut(self.len..end).ok_or(Full)?.copy_from_slice(octets);
        self.len = end;
        Ok(())
    }

    /// Appends one octet.
    pub fn put_u8(&mut self, octet: u8) -> Result<(), Full> {
        self.put(&[octet])
    }

    /// Appends two octets, high one first.
    pub fn put_u16(&mut self, value: u16) -> Result<(), Full> {
        self.put(&value.to_be_bytes())
    }

    /// Appends four octets, high one first.
    pub fn put_u32(&mut self, value: u32) -> Result<(), Full> {
        self.put(&value.to_be_bytes())
    }

    /// What has been written.
    pub fn written(&self) -> &[u8] {
        self.buffer.get(..self.len).unwrap_or(&[])
    }

    /// What has been written, to be changed in place.
    pub fn written_mut(&mut self) -> &mut [u8] {
        self.buffer.get_mut(..self.len).unwrap_or(&mut [])
    }

    /// Number of octets written.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing has been written.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What has been written, for as long as the buffer lives.
    pub fn finish(self) -> &'a mut [u8] {
        let len = self.len;
        self.buffer.get_mut(..len).unwrap_or(&mut [])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_not_begun() {
        let mut room = [0; 3];
        let mut out = Writer::new(&mut room);
        assert_eq!(out.put(&[1, 2, 3, 4]), Err(Full));
        assert!(out.is_empty() && out.written().is_empty());
        assert_eq!(out.put(&[1, 2]), Ok(()));
        assert_eq!(out.put_u16(3), Err(Full));
        assert_eq!((out.is_empty(), out.finish().to_vec()), (false, [1, 2].to_vec()));
    }
}
