//! Examples and exit codes, as `tandem help` shows them.

/// At the end of `tandem help`.
pub(super) const TANDEM: &str = "\
Try it:
  tandem demo                                    a server with made-up documents, and a page
  tandem search jobs \"data engineer berlin 80k\"  in another terminal

Exit codes: 0 done; 1 failed; 2 wrong usage; 3 the server cannot be reached;
4 the server refused the request; 5 some lines were rejected.
Environment: TANDEM_URL and TANDEM_KEY stand in for --url and --key; NO_COLOR turns colours off.
Tables are for terminals: into a pipe or a file, commands write JSON.";

pub(super) const SERVE: &str = "\
Examples:
  tandem serve                                   in memory, on 127.0.0.1:7700
  tandem serve --data /var/lib/tandem            keeps documents over restarts and crashes
  tandem serve --listen 0.0.0.0:7700 --key-file keys.toml --data DIR";

pub(super) const DEMO: &str = "\
Examples:
  tandem demo                                    then open http://127.0.0.1:7700
  tandem demo --jobs 50000 --candidates 20000
  tandem demo --listen 127.0.0.1:0 --json        a free port, said as JSON";

pub(super) const SEARCH: &str = "\
Examples:
  tandem search jobs \"senior data engineer berlin 80k\"
  tandem search jobs rust --filter remote=remote --filter pay=60000.. --sort=-posted_at
  tandem search jobs 'title:engineer AND (rust OR go) NOT php' --boolean
  tandem search candidates nurse --near \"Springfield, IL\" --km 30 --facet skills --page 2";

pub(super) const MATCH: &str = "\
Examples:
  tandem match --from jobs/job-0000017
  tandem match --text cv.txt --kind candidates --near Berlin --facet company
  pdftotext cv.pdf - | tandem match --text - --kind candidates --limit 20";

pub(super) const RANK: &str = "\
Examples:
  tandem rank --from candidates/cand-0000007 --ids job-0000001,job-0000002,job-0000003
  tandem rank --query \"warehouse manager\" --to jobs --filter location.country=DE";

pub(super) const EXPLAIN: &str = "\
Examples:
  tandem explain --from candidates/cand-0000007 --to jobs/job-0000001
  tandem explain --query \"data engineer\" --to jobs/job-0000001 --weight similarity=0
  tandem explain --from jobs/job-0000001 --to candidates/cand-0000007 --markdown > why.md";

pub(super) const SUGGEST: &str = "\
Examples:
  tandem suggest jobs dat
  tandem suggest jobs kub --types skill --limit 5";

pub(super) const TAXONOMY: &str = "\
Examples:
  tandem taxonomy check overlay.toml             without a server; says all that is wrong
  tandem taxonomy put overlay.toml --if-match 3
  tandem taxonomy get --text > overlay.toml";

pub(super) const EXPORT: &str = "\
Examples:
  tandem export jobs \"data engineer\" --format csv --out hits.csv
  tandem export jobs --filter location.country=DE --fields title,company,pay > jobs.ndjson
  tandem export --from jobs/job-0000017 --format csv --max-per location.city=5";

pub(super) const CHANGES: &str = "\
Examples:
  tandem changes --after default:5f0c9a1e.42
  tandem changes --after default:5f0c9a1e.42 --kind jobs --follow | while read -r line; do ...; done";

pub(super) const EVAL: &str = "\
Examples:
  tandem eval --topics topics.ndjson --qrels qrels.txt
  tandem eval --topics topics.ndjson --qrels qrels.txt --split held --weight text=60 --no-ablation
  tandem eval --topics topics.ndjson --qrels qrels.txt --diff '{}' '{\"weights\": {\"title\": 0}}'
  tandem eval --topics topics.ndjson --qrels qrels.txt --tune --form match
  tandem eval --topics topics.ndjson --pool to-judge.ndjson
  tandem eval --facts engine/judged/facts --texts data --split tune --misses";

pub(super) const SAMPLE: &str = "\
Examples:
  tandem sample --jobs 1000 --candidates 1000 --out sample
  tandem sample --jobs 100 --candidates 0 | tandem load - --kind jobs
  tandem sample --queries 5000 --kind jobs --of 100000 > queries.ndjson";

pub(super) const SNAPSHOT: &str = "\
Examples:
  tandem snapshot save /backup/monday --data /var/lib/tandem      while the server works
  tandem verify /backup/monday
  tandem snapshot restore /backup/monday --data /var/lib/tandem-2 --ledger /var/lib/tandem/ledger

A backup has no ledger of erasures: keep `ledger` and `ledger.key` of the data folder apart, always
the newest, so that a restore brings nobody back.";

pub(super) const SAVE: &str = "\
Examples:
  tandem snapshot save /backup/monday --data /var/lib/tandem
  tandem snapshot save /mnt/nas/monday --data /var/lib/tandem --copy --json";

pub(super) const RESTORE: &str = "\
Examples:
  tandem snapshot restore /backup/monday --data /var/lib/tandem-2 --ledger /var/lib/tandem/ledger
  tandem serve --data /var/lib/tandem-2";

pub(super) const VERIFY: &str = "\
Examples:
  tandem verify /var/lib/tandem                  of a server that is stopped
  tandem verify /backup/monday
  tandem verify --find \"Ada Lovelace\" --ignore-case /var/lib/tandem

Exit codes: 0 whole, or not found; 1 damaged, found, or not all could be looked through.";

pub(super) const KEY: &str = "\
Examples:
  tandem key --name frontend >> keys.toml        reads the space \"default\"
  tandem key --name loader --space acme --access write >> keys.toml";

pub(super) const COMPLETIONS: &str = "\
Examples:
  tandem completions bash > ~/.local/share/bash-completion/completions/tandem
  tandem completions zsh > ~/.zfunc/_tandem
  tandem completions fish > ~/.config/fish/completions/tandem.fish";

pub(super) const OPENAPI: &str = "\
Examples:
  tandem openapi > openapi.json                  the same as http://127.0.0.1:7700/openapi.json
  tandem openapi | jq '.paths | keys'             every path there is";

pub(super) const VERSION: &str = "\
Examples:
  tandem version
  tandem version --json                          {\"name\":\"tandem\",\"version\":\"...\"}";
