//! A witness that goes and looks: for logs that do not come by themselves.

use throughline_proof::{Checkpoint, ConsistencyProof, Hash, Note, Tile, Tree, hashes_of};

use crate::{
    AddCheckpoint, Client, Error, Misdeed, Office, Refusal, Seen,
    asking::{TEXT_BYTES_MAX, unanswered, under},
};

/// Bytes of a full tile.
const TILE_BYTES_MAX: u64 = 256 * 32;

/// Looks at the log at `url` once: whether it goes on from what was seen, then cosigns and hands the cosignature over.
pub fn follow(office: &Office, client: &Client, url: &str) -> Result<Seen, Error> {
    let at = under(url, "checkpoint");
    let note = Note::parse(&client.get(&at, TEXT_BYTES_MAX)?.text(&at)?)?;
    let origin = Checkpoint::parse(note.text())?.origin;
    let key = office.log(&origin).ok_or(Refusal::UnknownLog(origin))?;
    let checkpoint = Checkpoint::open(&note, &key).map_err(Refusal::NotSigned)?;
    let seen = office.seen(&checkpoint.origin);
    let old = seen.as_ref().map_or(0, |seen| seen.checkpoint.size);
    if let Some(seen) = seen.as_ref().filter(|seen| seen.checkpoint.size > checkpoint.size) {
        return Err(office.caught(Misdeed::new(seen, &note))?);
    }
    let read = &mut |tile| tile_at(client, url, tile);
    let proof = ConsistencyProof::make(old, checkpoint.size, read)?;
    let request = AddCheckpoint { old, proof, checkpoint: note };
    let cosigned = match (office.add_checkpoint(&request), seen) {
        (Err(Error::Refused(Refusal::NotConsistent(error))), Some(seen)) => {
            // Tiles that lead to the signed root say what its tree begins with; others say nothing of the log.
            return Err(if Tree::read(checkpoint.size, read)?.root() == checkpoint.root {
                office.caught(Misdeed::new(&seen, &request.checkpoint))?
            } else {
                unanswered(url, format!("its tiles do not lead to the root it signed ({error})"))
            });
        }
        (cosigned, _) => cosigned?,
    };
    let at = under(url, "cosignatures");
    client.post(&at, &cosigned.note.to_string())?.text(&at)?;
    Ok(cosigned)
}

/// A tile of the log; where the partial one is gone already, the full one.
fn tile_at(client: &Client, url: &str, tile: Tile) -> Result<Vec<Hash>, Error> {
    let at = under(url, &tile.to_string());
    let mut answer = client.get(&at, TILE_BYTES_MAX)?;
    if answer.status == 404 && !tile.is_full() {
        answer = client.get(&under(url, &tile.full().to_string()), TILE_BYTES_MAX)?;
    }
    if !answer.is_ok() {
        return Err(unanswered(&at, format!("it answered {}", answer.status)));
    }
    let hashes = hashes_of(&answer.body)?;
    if hashes.len() < usize::from(tile.width) {
        return Err(unanswered(&at, format!("{} of {} hashes", hashes.len(), tile.width)));
    }
    Ok(hashes)
}
