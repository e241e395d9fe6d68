# The commands people run. `just` lists them.

default:
    @just --list

# Believable data, served on http://127.0.0.1:8080
demo *args:
    cargo run --release -- demo {{args}}

# All tests
test:
    cargo test --workspace

# Kill it, cut its power, flip its bits, for so many minutes; counts at the end (docs/guides/faults.md)
faults minutes="10":
    cargo build --release -p throughline-cli
    THROUGHLINE_FAULTS_MINUTES={{minutes}} cargo test --release -p throughline-tests --test faults -- --ignored --nocapture for_as_long_as_asked

# Everything that must hold before a change lands
ci:
    bash .ci/run

# Write golden files anew; look at the diff before you keep them
golden:
    THROUGHLINE_RENEW_GOLDEN=1 cargo test --workspace golden

# Licences, sources, duplicates (needs cargo-deny)
deny:
    cargo deny check bans licenses sources

# Ask the running service all that its description allows, and much that it does not; `full` takes some ten minutes
schemathesis examples="30" *how:
    bash tests/schemathesis {{examples}} {{how}}

# Feed each parser of outside bytes with what nobody would send, so many seconds each (needs a C++ compiler)
fuzz seconds="60" *targets:
    bash fuzz/run {{seconds}} {{targets}}

# The tables of docs/benchmarks.md: `just bench log`, `just bench all`
bench *args:
    cargo run --release -p throughline-benches --features peers -- {{args}}
