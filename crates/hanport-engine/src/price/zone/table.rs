//! The rows of the table of bidding zones.
//!
//! Codes: ENTSO-E's list of areas; every code's check character is verified by a test.

use super::Zone;

const fn zone(
    name: &'static str,
    eic: &'static str,
    place: &'static str,
    time_zone: &'static str,
    currency: &'static str,
) -> Zone {
    Zone { name, eic, place, time_zone, currency }
}

/// All zones in which day-ahead prices are found or were, and those that households may name.
pub const ZONES: &[Zone] = &[
    zone("NO1", "10YNO-1--------2", "Norway, Oslo", "Europe/Oslo", "NOK"),
    zone("NO2", "10YNO-2--------T", "Norway, Kristiansand", "Europe/Oslo", "NOK"),
    zone("NO3", "10YNO-3--------J", "Norway, Trondheim", "Europe/Oslo", "NOK"),
    zone("NO4", "10YNO-4--------9", "Norway, Troms\u{f8}", "Europe/Oslo", "NOK"),
    zone("NO5", "10Y1001A1001A48H", "Norway, Bergen", "Europe/Oslo", "NOK"),
    zone("SE1", "10Y1001A1001A44P", "Sweden, Lule\u{e5}", "Europe/Stockholm", "SEK"),
    zone("SE2", "10Y1001A1001A45N", "Sweden, Sundsvall", "Europe/Stockholm", "SEK"),
    zone("SE3", "10Y1001A1001A46L", "Sweden, Stockholm", "Europe/Stockholm", "SEK"),
    zone("SE4", "10Y1001A1001A47J", "Sweden, Malm\u{f6}", "Europe/Stockholm", "SEK"),
    zone("DK1", "10YDK-1--------W", "Denmark west", "Europe/Copenhagen", "DKK"),
    zone("DK2", "10YDK-2--------M", "Denmark east", "Europe/Copenhagen", "DKK"),
    zone("FI", "10YFI-1--------U", "Finland", "Europe/Helsinki", "EUR"),
    zone("EE", "10Y1001A1001A39I", "Estonia", "Europe/Tallinn", "EUR"),
    zone("LV", "10YLV-1001A00074", "Latvia", "Europe/Riga", "EUR"),
    zone("LT", "10YLT-1001A0008Q", "Lithuania", "Europe/Vilnius", "EUR"),
    zone("PL", "10YPL-AREA-----S", "Poland", "Europe/Warsaw", "PLN"),
    zone("DE-LU", "10Y1001A1001A82H", "Germany and Luxembourg", "Europe/Berlin", "EUR"),
    zone("AT", "10YAT-APG------L", "Austria", "Europe/Vienna", "EUR"),
    zone("CH", "10YCH-SWISSGRIDZ", "Switzerland", "Europe/Zurich", "CHF"),
    zone("NL", "10YNL----------L", "Netherlands", "Europe/Amsterdam", "EUR"),
    zone("BE", "10YBE----------2", "Belgium", "Europe/Brussels", "EUR"),
    zone("FR", "10YFR-RTE------C", "France", "Europe/Paris", "EUR"),
    zone("CZ", "10YCZ-CEPS-----N", "Czechia", "Europe/Prague", "CZK"),
    zone("SK", "10YSK-SEPS-----K", "Slovakia", "Europe/Bratislava", "EUR"),
    zone("HU", "10YHU-MAVIR----U", "Hungary", "Europe/Budapest", "HUF"),
    zone("SI", "10YSI-ELES-----O", "Slovenia", "Europe/Ljubljana", "EUR"),
    zone("HR", "10YHR-HEP------M", "Croatia", "Europe/Zagreb", "EUR"),
    zone("RO", "10YRO-TEL------P", "Romania", "Europe/Bucharest", "RON"),
    zone("BG", "10YCA-BULGARIA-R", "Bulgaria", "Europe/Sofia", "EUR"),
    zone("GR", "10YGR-HTSO-----Y", "Greece", "Europe/Athens", "EUR"),
    zone("IT-NORD", "10Y1001A1001A73I", "Italy north", "Europe/Rome", "EUR"),
    zone("IT-CNOR", "10Y1001A1001A70O", "Italy centre-north", "Europe/Rome", "EUR"),
    zone("IT-CSUD", "10Y1001A1001A71M", "Italy centre-south", "Europe/Rome", "EUR"),
    zone("IT-SUD", "10Y1001A1001A788", "Italy south", "Europe/Rome", "EUR"),
    zone("IT-CALA", "10Y1001C--00096J", "Calabria", "Europe/Rome", "EUR"),
    zone("IT-SICI", "10Y1001A1001A75E", "Sicily", "Europe/Rome", "EUR"),
    zone("IT-SARD", "10Y1001A1001A74G", "Sardinia", "Europe/Rome", "EUR"),
    zone("ES", "10YES-REE------0", "Spain", "Europe/Madrid", "EUR"),
    zone("PT", "10YPT-REN------W", "Portugal", "Europe/Lisbon", "EUR"),
    zone("IE-SEM", "10Y1001A1001A59C", "Ireland and Northern Ireland", "Europe/Dublin", "EUR"),
    zone("GB", "10YGB----------A", "Great Britain", "Europe/London", "GBP"),
    zone("RS", "10YCS-SERBIATSOV", "Serbia", "Europe/Belgrade", "RSD"),
    zone("ME", "10YCS-CG-TSO---S", "Montenegro", "Europe/Podgorica", "EUR"),
    zone("MK", "10YMK-MEPSO----8", "North Macedonia", "Europe/Skopje", "MKD"),
    zone("BA", "10YBA-JPCC-----D", "Bosnia and Herzegovina", "Europe/Sarajevo", "BAM"),
    zone("XK", "10Y1001C--00100H", "Kosovo", "Europe/Belgrade", "EUR"),
    zone("AL", "10YAL-KESH-----5", "Albania", "Europe/Tirane", "ALL"),
];
