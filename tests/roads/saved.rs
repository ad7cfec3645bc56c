//! Prepared roads in a file.

use std::fs;
use std::path::{Path, PathBuf};

use roundsman_roads::{Profile, Refusal, RoadClass, Roads, RoadsError, SourceKey};

use crate::region::{file, places, roads};

const SMALL: &str = "seltjarnarnes-vesturbaer.roads.osm.pbf";

fn small() -> Roads {
    Roads::import(&file(SMALL), &Profile::car()).unwrap()
}

fn refusal(path: &Path) -> Refusal {
    let error = Roads::open(path, None).unwrap_err();
    let RoadsError::Refused { reason, .. } = error else { unreachable!("{error}") };
    reason
}

/// A folder and a saved file in it.
fn saved() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.roads");
    small().save(&path).unwrap();
    (folder, path)
}

#[test]
fn saved_roads_answer_like_those_they_were_saved_from() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("region.roads");
    roads().save(&path).unwrap();
    let opened = Roads::open(&path, Some(roads().key())).unwrap();
    assert_eq!((opened.size(), opened.key()), (roads().size(), roads().key()));
    let (from, to) = (places(41, 20), places(42, 30));
    assert_eq!(opened.matrix(&from, &to), roads().matrix(&from, &to));
    assert_eq!(opened.row_from(&from[0], &to), roads().row_from(&from[0], &to));
    assert_eq!(opened.isochrone(&from[0], &[300]), roads().isochrone(&from[0], &[300]));
    for (from, to) in from.iter().zip(&to) {
        assert_eq!(opened.route(from, to), roads().route(from, to));
        assert_eq!(opened.snap(from.point(), 100.0), roads().snap(from.point(), 100.0));
    }
}

#[test]
fn two_preparations_of_one_map_are_equal_to_the_byte() {
    let (folder, first) = saved();
    let second = folder.path().join("again.roads");
    small().save(&second).unwrap();
    assert_eq!(fs::read(first).unwrap(), fs::read(second).unwrap());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing partial is left behind");
}

#[test]
fn a_damaged_file_is_refused_wherever_the_damage_is() {
    let (folder, path) = saved();
    let whole = fs::read(&path).unwrap();
    let damaged = folder.path().join("damaged.roads");
    let places = (0..whole.len()).step_by(whole.len() / 25).chain(0..64);
    for place in places {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x10;
        fs::write(&damaged, &bytes).unwrap();
        let expected = match place {
            0..8 => "not a file of prepared roads",
            16..20 => "format version",
            24..32 => "bytes and should have",
            _ => "checksum",
        };
        let reason = refusal(&damaged).to_string();
        assert!(reason.contains(expected), "byte {place}: {reason}");
    }
}

#[test]
fn a_truncated_file_is_refused_wherever_it_ends() {
    let (folder, path) = saved();
    let whole = fs::read(&path).unwrap();
    let short = folder.path().join("short.roads");
    for length in [0, 5, 8, 11, 20, 40, 63, 64, 500, whole.len() / 2, whole.len() - 1] {
        fs::write(&short, &whole[..length]).unwrap();
        let reason = refusal(&short);
        let is_expected = match length {
            0..8 => reason == Refusal::Foreign,
            _ => matches!(reason, Refusal::Length { .. }),
        };
        assert!(is_expected, "{length} bytes: {reason}");
    }
    fs::write(&short, [whole.as_slice(), b"more"].concat()).unwrap();
    assert!(matches!(refusal(&short), Refusal::Length { .. }));
}

#[test]
fn a_foreign_file_is_refused() {
    assert_eq!(refusal(&file(SMALL)), Refusal::Foreign);
}

#[test]
fn roads_from_another_map_or_profile_are_refused() {
    let (_folder, path) = saved();
    let slow = Profile::car().with_class_factor(RoadClass::Service, 0.5).unwrap();
    let other_map = file("reykjavik-region.roads.osm.pbf");
    for key in [
        SourceKey::of(&file(SMALL), &slow).unwrap(),
        SourceKey::of(&other_map, &Profile::car()).unwrap(),
    ] {
        let refused = Roads::open(&path, Some(key)).unwrap_err().to_string();
        assert!(refused.contains("made from another map file or with other speed"), "{refused}");
    }
    let key = SourceKey::of(&file(SMALL), &Profile::car()).unwrap();
    assert!(Roads::open(&path, Some(key)).is_ok());
}

#[test]
fn open_or_import_saves_reuses_and_replaces() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.roads");
    let car = Profile::car();
    let first = Roads::open_or_import(&file(SMALL), &path, &car).unwrap();
    let bytes = fs::read(&path).unwrap();
    assert_eq!(Roads::open_or_import(&file(SMALL), &path, &car).unwrap().size(), first.size());
    assert_eq!(fs::read(&path).unwrap(), bytes);
    // Damaged: made anew.
    fs::write(&path, &bytes[..100]).unwrap();
    Roads::open_or_import(&file(SMALL), &path, &car).unwrap();
    assert_eq!(fs::read(&path).unwrap(), bytes);
    // Another profile: made anew.
    let slow = Profile::car().with_class_factor(RoadClass::Residential, 0.5).unwrap();
    Roads::open_or_import(&file(SMALL), &path, &slow).unwrap();
    assert_ne!(fs::read(&path).unwrap(), bytes);
}

#[test]
fn a_missing_file_and_an_unwritable_place_are_named() {
    let missing = Roads::open(Path::new("no-such.roads"), None).unwrap_err().to_string();
    assert!(missing.starts_with("cannot read no-such.roads"), "{missing}");
    let unwritable = small().save(Path::new("no-such-folder/a.roads")).unwrap_err().to_string();
    assert!(unwritable.starts_with("cannot write no-such-folder"), "{unwritable}");
}
