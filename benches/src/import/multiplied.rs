//! An HMIS export several times as large: every client again under other keys, programmes and workers as they are.

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::Result;
use csv::{QuoteStyle, ReaderBuilder, StringRecord, WriterBuilder};

/// Keys that rows of one client share. The first column of a table is its own key.
const LINKS: [&str; 4] = ["PersonalID", "EnrollmentID", "HouseholdID", "AssessmentID"];

/// Writes the export into `directory` this many times; a row at a time. The first of them is as it stands.
pub fn write(export: &Path, times: u64, directory: &Path) -> Result<()> {
    fs::create_dir(directory)?;
    for file in files(export)? {
        let bytes = fs::read(&file)?;
        let name = file.file_name().map_or_else(PathBuf::new, PathBuf::from);
        let mut out = BufWriter::with_capacity(1024 * 1024, File::create(directory.join(name))?);
        out.write_all(&bytes)?;
        if !bytes.ends_with(b"\n") {
            out.write_all(b"\n")?;
        }
        let header = ReaderBuilder::new().flexible(true).from_reader(bytes.as_slice()).headers()?.clone();
        if header.iter().any(|name| name == "PersonalID") {
            let keys: Vec<bool> =
                header.iter().enumerate().map(|(at, name)| at == 0 || LINKS.contains(&name)).collect();
            for copy in 1..times {
                again(&bytes, &keys, copy, &mut out)?;
            }
        }
        out.flush()?;
    }
    Ok(())
}

/// Every row once more, its keys marked with the number of the copy.
fn again(bytes: &[u8], keys: &[bool], copy: u64, out: &mut impl Write) -> Result<()> {
    let mut writer = WriterBuilder::new().flexible(true).quote_style(QuoteStyle::NonNumeric).from_writer(out);
    let mut reader = ReaderBuilder::new().flexible(true).from_reader(bytes);
    let (mut row, mut key) = (StringRecord::new(), String::new());
    while reader.read_record(&mut row)? {
        for (at, cell) in row.iter().enumerate() {
            if keys.get(at).copied().unwrap_or(false) && !cell.is_empty() {
                key.clear();
                key.push_str(cell);
                key.push('-');
                key.push_str(&copy.to_string());
                writer.write_field(&key)?;
            } else {
                writer.write_field(cell)?;
            }
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.flush()?;
    Ok(())
}

/// The CSV files of a directory, by name.
pub fn files(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv")) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Reads every row of these files with the csv crate and nothing else; how many there are.
pub fn read_alone(directory: &Path) -> Result<u64> {
    let mut rows = 0;
    let mut row = csv::ByteRecord::new();
    for file in files(directory)? {
        let mut reader = ReaderBuilder::new().flexible(true).buffer_capacity(256 * 1024).from_path(file)?;
        while reader.read_byte_record(&mut row)? {
            rows += 1;
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn each_copy_has_its_own_clients_and_the_first_is_as_it_was() -> Result<()> {
        let (from, to) = (tempfile::tempdir()?, tempfile::tempdir()?);
        let exit =
            "\"ExitID\",\"EnrollmentID\",\"PersonalID\",ExitDate,UserID\r\n\"1\",\"e1\",\"p1\",2024-01-01,u";
        fs::write(from.path().join("Exit.csv"), exit)?;
        fs::write(from.path().join("Project.csv"), "ProjectID,ProjectName\n7,House\n")?;
        let directory = to.path().join("twice");
        write(from.path(), 3, &directory)?;
        let written = fs::read_to_string(directory.join("Exit.csv"))?;
        assert!(written.starts_with(exit), "{written}");
        let mut keys: HashMap<String, usize> = HashMap::new();
        for row in ReaderBuilder::new().from_reader(written.as_bytes()).records() {
            *keys.entry(row?.iter().collect::<Vec<_>>().join(" ")).or_default() += 1;
        }
        let expected = ["1 e1 p1", "1-1 e1-1 p1-1", "1-2 e1-2 p1-2"].map(|key| format!("{key} 2024-01-01 u"));
        assert_eq!(keys, expected.into_iter().map(|key| (key, 1)).collect());
        assert_eq!(fs::read_to_string(directory.join("Project.csv"))?, "ProjectID,ProjectName\n7,House\n");
        assert_eq!(read_alone(&directory)?, 4);
        Ok(())
    }
}
