//! What a file says, and every mistake in it.

use super::*;
use crate::config::mistake::Report;

fn said(text: &str) -> Vec<(String, String)> {
    let mut mistakes = walk(text).mistakes;
    mistakes.sort_by_key(|mistake| mistake.span.as_ref().map(|span| span.start));
    mistakes.into_iter().map(|mistake| (mistake.message, mistake.remedy)).collect()
}

const METER: &str = "[[meter]]\nid = \"main\"\nsource.kind = \"stdin\"\n";

#[test]
fn an_empty_file_holds_the_defaults() {
    let walked = walk("");
    assert_eq!(walked.mistakes, []);
    let text = serde_json::to_string(&walked.values).unwrap();
    assert!(text.contains(r#""listen":["[::]:8080"]"#) && text.contains(r#""meter":[]"#), "{text}");
}

#[test]
fn all_mistakes_are_told_at_once() {
    let text = "\
[site]
zone = \"Europe/Olso\"
nmae = \"x\"
[web]
listen = \"[::]:80\"
unknown_as_null = \"yes\"
[[meter]]
id = \"Main\"
source.kind = \"seriel\"
fuse_a = 700000
production_w = \"5000\"
[[meter]]
id = \"two\"
source.kind = \"tcp\"
[wbe]
";
    let said = said(text);
    assert_eq!(said.len(), 10, "{said:#?}");
    for (message, remedy) in [
        ("there is no time zone `Europe/Olso`", "did you mean `Europe/Oslo`?"),
        ("there is no setting `nmae` in `[site]`", "did you mean `name`?"),
        ("this is a text, but `listen` is a list of texts (address)", "put brackets around it"),
        ("this is a text, but `unknown_as_null` is `true` or `false`", "write `true`"),
        ("`M` may not stand in it", "for example `main`"),
        ("`seriel` is not one of the words", "did you mean `serial`?"),
        ("700000 is more than 65535", "a whole number from 1 to 65535 A"),
        ("this is a text, but `production_w`", "take the quotation marks away: `5000`"),
        ("`source.connect` is missing", "Host and port"),
        ("there is no section `wbe`", "did you mean `web`?"),
    ] {
        let found = said.iter().find(|(said, _)| said.starts_with(message));
        let found = found.unwrap_or_else(|| panic!("{message} is not in {said:#?}"));
        assert!(found.1.contains(remedy), "{found:?}");
    }
}

#[test]
fn a_setting_in_the_wrong_place_is_told_where_it_belongs() {
    assert_eq!(said("zone = \"UTC\"\n")[0].1, "`zone` belongs under `[site]`");
    assert_eq!(said("[web]\nzone = \"UTC\"\n")[0].1, "`zone` belongs under `[site]`");
    assert_eq!(
        said(&format!("{METER}port = \"/dev/ttyUSB0\"\n"))[0].1,
        "did you mean `source.port`?"
    );
    let said = said("[meter]\nid = \"a\"\nsource.kind = \"stdin\"\n");
    assert_eq!(said[0].1, "write it with two brackets: `[[meter]]`");
    assert_eq!(said.len(), 1);
}

#[test]
fn a_source_that_is_one_text_is_told_how_to_write_it() {
    let said = said("[[meter]]\nid = \"a\"\nsource = \"/dev/ttyUSB0\"\n");
    let remedy = "write `source.kind = \"serial\"` and `source.port = \"/dev/ttyUSB0\"`";
    assert_eq!(said, [("`source` has parts of its own".to_owned(), remedy.to_owned())]);
}

#[test]
fn what_means_nothing_beside_the_rest_is_warned_of_and_forgotten() {
    let text = format!("{METER}source.port = \"/dev/ttyUSB0\"\n");
    let walked = walk(&text);
    let [warning] = walked.mistakes.as_slice() else { panic!("{:?}", walked.mistakes) };
    assert_eq!(warning.severity, hanport_engine::outside::Severity::Warning);
    assert_eq!(warning.message, "`source.port` means nothing with source.kind = \"stdin\"");
    let meter = walked.values["meter"][0].as_object().unwrap();
    assert_eq!(at(meter, "source.port"), None);
}

#[test]
fn two_of_one_id_are_one_too_many() {
    let said = said(&format!("{METER}{METER}"));
    assert_eq!(
        said,
        [(
            "there is a meter `main` already".to_owned(),
            "give every one an id of its own".to_owned()
        )]
    );
}

#[test]
fn a_damaged_file_tells_all_its_damages() {
    let text = "[site]\nname = Home\nzone = \"Europe/Oslo\n[web]\naccess = 5\naccess = \"a\"\n";
    let mut report = Report { file: "f".into(), text: text.into(), mistakes: walk(text).mistakes };
    report.sort();
    let shown = report.to_string();
    for line in ["f:2:", "f:3:", "f:6:"] {
        assert!(shown.contains(line), "{line} is not in\n{shown}");
    }
}

#[test]
fn numbers_with_decimals_are_taken_as_written() {
    let walked = walk(&format!("{METER}multiplier.power = 0.125\nmultiplier.energy = 60\n"));
    assert_eq!(walked.mistakes, []);
    let multiplier = &walked.values["meter"][0]["multiplier"];
    assert_eq!(multiplier["power"].to_string(), "0.125");
    assert_eq!(multiplier["energy"].to_string(), "60");
}

#[test]
fn tables_in_any_form_are_the_same() {
    let forms = [
        "[[meter]]\nid = \"a\"\nsource.kind = \"tcp\"\nsource.connect = \"h:1\"\n",
        "[[meter]]\nid = \"a\"\nsource = { kind = \"tcp\", connect = \"h:1\" }\n",
        "[[meter]]\nid = \"a\"\n[meter.source]\nkind = \"tcp\"\nconnect = \"h:1\"\n",
        "meter = [{ id = \"a\", source = { kind = \"tcp\", connect = \"h:1\" } }]\n",
    ];
    let first = walk(forms[0]);
    assert_eq!(first.mistakes, []);
    for form in forms {
        assert_eq!(walk(form).values, first.values, "{form}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_is_too_odd(text in "(\\[\\[?[a-z.]{0,8}\\]?\\]?|[a-z_.]{0,9} ?= ?[\"\\[{a-z0-9.,\\\\]{0,12}|\n| ){0,30}") {
        let walked = walk(&text);
        let report = Report { file: "f".into(), text, mistakes: walked.mistakes };
        let _ = report.to_string();
    }

    #[test]
    fn no_characters_are_too_odd(text in "\\PC{0,80}") {
        let walked = walk(&text);
        let report = Report { file: "f".into(), text, mistakes: walked.mistakes };
        let _ = report.to_string();
    }
}
