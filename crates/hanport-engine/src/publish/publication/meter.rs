//! One meter of a publication: its formats and what they remember of it.

use std::sync::Arc;

use super::super::assistant::Assistant;
use super::super::books::Told;
use super::super::discovery::Device;
use super::super::domoticz::Domoticz;
use super::super::figures::Figures;
use super::super::json::Json;
use super::super::raw::Raw;
use super::super::reader::Reader;
use super::super::settings::{Format, Pace, Settings, Style};
use super::super::text::Unknown;
use super::super::tree::Tree;
use super::Family;
use crate::list_type::ListType;
use crate::time::UtcMillis;
use crate::view::{Arrived, View};
use hanport_core::quantity::{Measure, Quantity};

#[derive(Clone, Debug)]
pub(super) struct Meter {
    pub(super) name: Arc<str>,
    pub(super) topic: String,
    pub(super) formats: Vec<Of>,
    pub(super) told: Option<Told>,
    pub(super) last: Option<UtcMillis>,
    pub(super) list: Option<ListType>,
    pub(super) exported: bool,
}

/// A format with what it remembers.
#[derive(Clone, Debug)]
pub(super) enum Of {
    Assistant(Box<Assistant>),
    Domoticz(Domoticz),
    Hex,
    Json(Json),
    Own(Box<Tree>, Option<Box<Device>>),
    Passthrough,
    Raw(Raw),
}

impl Meter {
    pub(super) fn new(
        name: &Arc<str>,
        is_first: bool,
        settings: &Settings,
        family: Family,
        root: &str,
        reader: &Reader,
    ) -> Self {
        let topic = settings.base(name, is_first);
        let null = settings.unknown_as_null;
        let unknown = if null { Unknown::Null } else { Unknown::Zero };
        let left = if null { Unknown::Left } else { Unknown::Zero };
        let mut formats = Vec::new();
        for format in &settings.formats {
            let is_own = *format == Format::Hanport;
            if is_own != (family == Family::Own) {
                continue;
            }
            formats.push(match format {
                Format::Domoticz => Of::Domoticz(Domoticz::new(settings.devices, left)),
                Format::Flat | Format::Json | Format::MultiTopic => {
                    Of::Json(Json::new(*format, topic.clone(), unknown))
                }
                Format::Hanport => {
                    let discovery = settings.discovery.clone();
                    let announces = discovery.style != Style::Off;
                    let device = announces.then(|| {
                        Box::new(Device::new(
                            discovery,
                            root.to_owned(),
                            Arc::clone(name),
                            is_first,
                        ))
                    });
                    Of::Own(Box::new(Tree::new(format!("{root}/{name}"))), device)
                }
                Format::HexDump => Of::Hex,
                Format::HomeAssistant => {
                    let discovery = &settings.discovery;
                    let uid = discovery.migrate_from.clone();
                    let uid = uid.unwrap_or_else(|| reader.word.clone());
                    let uid = if is_first { uid } else { format!("{uid}_{name}") };
                    Of::Assistant(Box::new(Assistant::new(
                        topic.clone(),
                        discovery.prefix.clone(),
                        uid,
                        discovery.tag.clone(),
                        left,
                    )))
                }
                Format::Passthrough => Of::Passthrough,
                Format::RawFull => Of::Raw(Raw::new(topic.clone(), false, left)),
                Format::RawMinimal => Of::Raw(Raw::new(topic.clone(), true, left)),
            });
        }
        Self {
            name: Arc::clone(name),
            topic,
            formats,
            told: None,
            last: None,
            list: None,
            exported: false,
        }
    }

    /// Whether anything was exported since the start.
    pub(super) fn notice_export(&mut self, view: &View) -> bool {
        let power = view.value(Quantity::total(Measure::ActiveExport));
        let counter = view.running.active_export.as_ref();
        self.exported |= power.is_some_and(|power| power.number.mantissa > 0)
            || counter.is_some_and(|counter| counter.mwh() > 0);
        self.exported
    }

    /// What the formats of existing readers publish of a message; `None` when it is not time.
    pub(super) fn figures<'a>(
        &mut self,
        view: &'a View,
        arrived: &Arrived,
        pace: Pace,
    ) -> Option<Figures<'a>> {
        self.list = self.list.max(arrived.list).max(view.list);
        // a message that came twice was not taken twice: nothing in the view is of it
        let any = view.values.iter().any(|value| value.received == view.now);
        match pace {
            Pace::RealTime => {
                arrived.list.filter(|_| any).map(|list| Figures::of_message(view, list))
            }
            Pace::Interval(seconds) => {
                let due =
                    self.last.is_none_or(|last| view.now.since(last) >= i64::from(seconds) * 1000);
                let list = self.list.filter(|_| due)?;
                self.last = Some(view.now);
                Some(Figures::held(view, list))
            }
        }
    }
}
