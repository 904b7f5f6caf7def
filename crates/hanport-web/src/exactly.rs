//! Values as JSON has them: exact decimals and instants.

use hanport_core::number::Number;
use hanport_engine::energy::RegisterValue;
use hanport_engine::exact;
use hanport_engine::time::UtcMillis;
use serde::{Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{KnownFormat, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A decimal number with all digits of the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exact(pub Number);

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // most values are whole: no text has to be made for them
        match self.0 {
            Number { mantissa, exponent: 0 } => serializer.serialize_i64(mantissa),
            number => exact::value(number).serialize(serializer),
        }
    }
}

impl PartialSchema for Exact {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(SchemaType::Type(Type::Number)).into()
    }
}

impl ToSchema for Exact {}

/// An instant: RFC 3339, `Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Instant(pub UtcMillis);

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl PartialSchema for Instant {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .into()
    }
}

impl ToSchema for Instant {}

/// Thousandths of a watt-hour as watt-hours, with as many decimals as it takes, at most three.
pub(crate) const fn watt_hours(mwh: i64) -> Exact {
    let (mut mantissa, mut exponent) = (mwh, -3);
    while exponent < 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        exponent += 1;
    }
    Exact(Number::new(mantissa, exponent))
}

/// A register in watt-hours with the decimals of its step.
pub(crate) const fn register(value: RegisterValue) -> Exact {
    let (mut mantissa, mut step, mut exponent) = (value.mwh, value.step_mwh, -3);
    while exponent < 0 && mantissa % 10 == 0 && step % 10 == 0 {
        mantissa /= 10;
        step /= 10;
        exponent += 1;
    }
    Exact(Number::new(mantissa, exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_a_register_are_those_of_its_step() {
        let text = |value: Exact| serde_json::to_string(&value).unwrap();
        assert_eq!(text(watt_hours(1_234_500)), "1234.5");
        assert_eq!(text(watt_hours(0)), "0");
        assert_eq!(text(register(RegisterValue { mwh: 1_234_000, step_mwh: 100 })), "1234.0");
        assert_eq!(text(register(RegisterValue { mwh: 85_000_000, step_mwh: 10_000 })), "85000");
        assert_eq!(text(Exact(Number::new(2350, -1))), "235.0");
        assert_eq!(text(Exact(Number::new(i64::MAX, 1))), "92233720368547758070");
    }

    #[test]
    fn instants_are_utc_with_their_milliseconds() {
        let instant = Instant(UtcMillis(1_768_042_800_250));
        assert_eq!(serde_json::to_string(&instant).unwrap(), "\"2026-01-10T11:00:00.25Z\"");
    }
}
