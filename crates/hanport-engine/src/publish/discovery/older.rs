//! Entities of an older reader, and which of ours go on with their history.
//!
//! Home Assistant knows an entity by its unique id. The older reader's are `<uid>_<key>`, each
//! announced by a message of its own below `<prefix>/sensor/<uid>_<key>/config`. To take one over,
//! our device announces the same unique id, after the old message was told to let go:
//!
//! ```text
//!  <prefix>/sensor/<uid>_P/config    {"migrate_discovery":true}
//!  <prefix>/device/.../config        the device, with "uniq_id":"<uid>_P" in it
//!  <prefix>/sensor/<uid>_P/config    empty: away
//! ```

/// Keys of ours, and those of the older reader for the same.
const PAIRS: &[(&str, &str)] = &[
    ("active_import_w", "P"),
    ("active_import_l1_w", "P1"),
    ("active_import_l2_w", "P2"),
    ("active_import_l3_w", "P3"),
    ("active_export_w", "PO"),
    ("active_export_l1_w", "PO1"),
    ("active_export_l2_w", "PO2"),
    ("active_export_l3_w", "PO3"),
    ("reactive_import_var", "Q"),
    ("reactive_export_var", "QO"),
    ("current_l1_a", "I1"),
    ("current_l2_a", "I2"),
    ("current_l3_a", "I3"),
    ("voltage_l1_v", "U1"),
    ("voltage_l2_v", "U2"),
    ("voltage_l3_v", "U3"),
    ("power_factor", "PF"),
    ("power_factor_l1", "PF1"),
    ("power_factor_l2", "PF2"),
    ("power_factor_l3", "PF3"),
    ("active_import_kwh", "tPI"),
    ("active_export_kwh", "tPO"),
    ("reactive_import_kvarh", "tQI"),
    ("reactive_export_kvarh", "tQO"),
    ("active_import_l1_wh", "tPI1"),
    ("active_import_l2_wh", "tPI2"),
    ("active_import_l3_wh", "tPI3"),
    ("active_export_l1_wh", "tPO1"),
    ("active_export_l2_wh", "tPO2"),
    ("active_export_l3_wh", "tPO3"),
    ("hour_import_kwh", "houruse"),
    ("day_import_kwh", "dayuse"),
    ("month_import_kwh", "monthuse"),
    ("hour_export_kwh", "hourproduced"),
    ("day_export_kwh", "dayproduced"),
    ("month_export_kwh", "monthproduced"),
    ("hour_cost", "hourcost"),
    ("day_cost", "daycost"),
    ("month_cost", "monthcost"),
    ("hour_income", "hourincome"),
    ("day_income", "dayincome"),
    ("month_income", "monthincome"),
    ("price", "prices0"),
    ("export_price", "exportprices0"),
    ("cheapest_1h", "pricescheapest1hr"),
    ("cheapest_3h", "pricescheapest3hr"),
    ("cheapest_6h", "pricescheapest6hr"),
    ("last_message", "t"),
];

/// The key of the older reader for one of ours.
pub fn key_of(ours: &str) -> Option<&'static str> {
    PAIRS.iter().find(|(own, _)| *own == ours).map(|(_, older)| *older)
}

/// Whether any of ours goes on with an entity of the older reader.
pub fn has_counterpart(older_key: &str) -> bool {
    PAIRS.iter().any(|(_, older)| *older == older_key)
}

/// The key in the topic of an announcement of an older reader; `None` for other topics.
pub fn announced_key<'a>(topic: &'a str, prefix: &str, uid: &str) -> Option<&'a str> {
    let below = topic.strip_prefix(prefix)?.strip_prefix("/sensor/")?;
    below.strip_suffix("/config")?.strip_prefix(uid)?.strip_prefix('_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn announcements_of_others_are_not_touched() {
        let key = |topic| announced_key(topic, "homeassistant", "ams-1234");
        assert_eq!(key("homeassistant/sensor/ams-1234_P/config"), Some("P"));
        assert_eq!(key("homeassistant/sensor/ams-12345_P/config"), None);
        assert_eq!(key("homeassistant/sensor/other/config"), None);
        assert_eq!(key("homeassistant/device/ams-1234_P/config"), None);
    }
}
