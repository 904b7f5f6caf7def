//! Edits leave everything else as it was.

use super::*;
use crate::config::template::template;

fn edit(text: &str, path: &str, value: Option<&str>) -> String {
    let Some(Target::Setting(section, part, setting)) = target(path) else {
        panic!("{path} is no setting")
    };
    let edited = match value {
        Some(value) => set(text, section, part, setting, value.parse().unwrap()),
        None => unset(text, section, part, setting),
    };
    edited.expect("it is not damaged")
}

#[test]
fn paths_name_sections_parts_and_settings() {
    assert!(matches!(target("site"), Some(Target::Section(_))));
    assert!(matches!(target("site.zone"), Some(Target::Setting(_, None, _))));
    assert!(matches!(target("meter.main"), Some(Target::Part(_, "main"))));
    assert!(matches!(target("meter.main.source.port"), Some(Target::Setting(_, Some("main"), _))));
    assert!(matches!(target("price.modifier.2.value"), Some(Target::Setting(_, Some("2"), _))));
    assert!(matches!(target("price.area"), Some(Target::Setting(_, None, _))));
    for nothing in ["", "sites", "site.", "site.nothing", "meter.main.nothing", "meter.main.source"]
    {
        assert!(target(nothing).is_none(), "{nothing}");
    }
}

#[test]
fn a_value_is_exchanged_and_all_around_it_stays() {
    let text = "# mine\n[site]   # here\nzone   = \"UTC\"  # for now\n\n# end\n";
    assert_eq!(
        edit(text, "site.zone", Some("\"Europe/Oslo\"")),
        "# mine\n[site]   # here\nzone   = \"Europe/Oslo\"  # for now\n\n# end\n"
    );
}

#[test]
fn a_setting_of_the_default_file_takes_the_place_of_its_comment_and_gives_it_back() {
    let before = template();
    let edited = edit(&before, "site.zone", Some("\"Europe/Oslo\""));
    assert!(edited == before.replacen("#zone = \"auto\"", "zone = \"Europe/Oslo\"", 1));
    assert!(edit(&edited, "site.zone", None) == before);
    // the same name stands in other sections too
    let edited = edit(&before, "price.enabled", Some("false"));
    assert!(edited == before.replacen("#enabled = true", "enabled = false", 1));
    let edited = edit(&before, "tariff.name", Some("\"no-elvia\""));
    assert_eq!(edited.lines().count(), before.lines().count());
    assert!(walk(&edited).mistakes.is_empty() && edited.contains("\nname = \"no-elvia\"\n"));
}

#[test]
fn a_section_that_is_not_there_is_added() {
    assert_eq!(edit("", "site.zone", Some("\"UTC\"")), "\n[site]\nzone = \"UTC\"\n");
    let text = "[web]\nbase_path = \"/a\"";
    assert_eq!(
        edit(text, "log.level", Some("\"warn\"")),
        "[web]\nbase_path = \"/a\"\n\n[log]\nlevel = \"warn\"\n"
    );
}

#[test]
fn settings_of_parts_are_found_by_id_in_any_form() {
    let dotted = "[[meter]]\nid = \"a\"\nsource.kind = \"stdin\"\n\n# second\n[[meter]]\nid = \"b\"\nsource.kind = \"stdin\"\n";
    let edited = edit(dotted, "meter.a.multiplier.power", Some("2.5"));
    assert_eq!(edited, dotted.replacen("\"stdin\"\n", "\"stdin\"\nmultiplier.power = 2.5\n", 1));
    assert_eq!(
        edit(&edited, "meter.a.multiplier.power", None),
        dotted.replacen("\"stdin\"\n", "\"stdin\"\n#multiplier.power = 1\n", 1)
    );
    let inline = "meter = [{ id = \"a\", source = { kind = \"stdin\" } }]\n";
    let edited = edit(inline, "meter.a.multiplier.power", Some("2.5"));
    assert!(walk(&edited).mistakes.is_empty(), "{edited}");
    assert_eq!(edit(&edited, "meter.a.multiplier.power", None), inline);
}

#[test]
fn parts_come_and_go() {
    let meter = crate::config::table::section("meter").unwrap();
    let with = add_part(&template(), meter, Some("a")).unwrap();
    assert!(with == format!("{}\n[[meter]]\nid = \"a\"\n", template()));
    let two = add_part(&with, meter, Some("b")).unwrap();
    let one = remove_part(&two, meter, Some("a")).unwrap();
    assert!(one.contains("id = \"b\"") && !one.contains("id = \"a\"\n\n"));
    assert!(remove_part(&with, meter, Some("a")).unwrap() == template());
    let text = "# one\n[[meter]]\nid = \"a\"\n[meter.source]\nkind = \"stdin\" # x\n\n# two\n[site]\nname = \"b\"\n";
    let less = remove_part(text, meter, Some("a")).unwrap();
    assert_eq!(less, "# one\n\n# two\n[site]\nname = \"b\"\n");
    let inline = "meter = [{ id = \"a\" }]\n";
    assert_eq!(
        add_part(inline, meter, Some("b")).unwrap(),
        "meter = [{ id = \"a\" }, { id = \"b\" }]\n"
    );
    assert_eq!(remove_part(inline, meter, None).unwrap(), "meter = []\n");
}

#[test]
fn a_value_over_several_lines_becomes_one_comment() {
    let text = "[web]\nlisten = [\n  \"[::]:80\",\n  \"[::]:81\",\n] # two\nbase_path = \"/a\"\n";
    assert_eq!(
        edit(text, "web.listen", None),
        "[web]\n#listen = [\"[::]:8080\"] # two\nbase_path = \"/a\"\n"
    );
}
