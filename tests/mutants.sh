#!/bin/sh
# Planted faults: each is put into a copy of one source file, which is linked
# with a test in place of the true one; the test has to fail. Called with
# top_srcdir and top_builddir set; PV_MUTANT names some of them by a pattern.
set -u
LC_ALL=C
OMP_NUM_THREADS=1
export LC_ALL OMP_NUM_THREADS
cd "$top_builddir" || exit 99

# value NAME: a variable of the Makefile
value() {
    printf 'include Makefile\npv-value:\n\t@echo "$(%s)"\n' "$1" |
        make -s -f - pv-value
}
CC=$(value CC)
CFLAGS="$(value AM_CFLAGS) $(value CFLAGS)"
LIBS="$(value pv_test_libs) $(value LIBS)"
LIBTOOL=$(value LIBTOOL)
make -s check TESTS= >/dev/null || exit 99
work=$(mktemp -d "${TMPDIR:-/tmp}/privet-mutants-XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
passed=0
failed=0

# build FILE TEST: $work/FILE, linked with the test, as $work/program
build() {
    object=$work/$(basename "$1" .c).o
    # shellcheck disable=SC2086
    $CC $CFLAGS -w -DHAVE_CONFIG_H -I. -I"$top_srcdir" -c "$work/$1" \
        -o "$object" >"$work/log" 2>&1 || return 1
    # the copy comes first, so the archive's own member is never taken
    # shellcheck disable=SC2086
    $LIBTOOL --quiet --tag=CC --mode=link $CC $CFLAGS -o "$work/program" \
        "tests/$2.o" "$object" $LIBS >>"$work/log" 2>&1
}

say() {
    printf '%-46s %-44s %s\n' "$1" "$2" "$3"
}

count() {
    if [ "$1" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

# mutant NAME FILE TEST FILTER SED-SCRIPT
mutant() {
    # shellcheck disable=SC2254
    case $1 in
    ${PV_MUTANT:-*}) ;;
    *) return ;;
    esac
    mkdir -p "$work/$(dirname "$2")"
    # without the fault it passes
    cp "$top_srcdir/$2" "$work/$2"
    if ! build "$2" "$3"; then
        say "$1" "$3" "NOT BUILT: $(tail -n 3 "$work/log")"
        count 1
        return
    fi
    if ! timeout 300 "$work/program" --filter "$4" >"$work/log" 2>&1; then
        say "$1" "$3 $4" "FAILS WITHOUT IT"
        count 1
        return
    fi
    sed "$5" "$top_srcdir/$2" >"$work/$2"
    if cmp -s "$top_srcdir/$2" "$work/$2"; then
        say "$1" "$3 $4" "NOT APPLIED"
        count 1
    elif ! build "$2" "$3"; then
        say "$1" "$3 $4" "NOT BUILT: $(tail -n 3 "$work/log")"
        count 1
    elif timeout 300 "$work/program" --filter "$4" >"$work/log" 2>&1; then
        say "$1" "$3 $4" "SURVIVES"
        count 1
    else
        say "$1" "$3 $4" "killed"
        count 0
    fi
}

say mutant "killing test" result
mutant "no rejection of negative zero" dp/sampler.c \
    test_sampler 'sampler/discrete_laplace' \
    's/if (negative && magnitude == 0)/if (0)/'
mutant "modulo bias in pv_uniform" dp/sampler.c test_sampler sampler/uniform \
    's/if (low >= n || low >= range % n)/if (low >= 0)/'
mutant "sigma for sigma^2 in the acceptance" dp/sampler.c \
    test_sampler_fit fit/discrete_gaussian \
    's/const uint64_t n = gaussian->sigma2.num;/const uint64_t n = pv_isqrt(gaussian->sigma2.num);/'
mutant "acceptance twice as steep" dp/sampler.c \
    test_sampler sampler/discrete_gaussian \
    's/(pv_u128)2 \* num \* den/(pv_u128)num * den/'
mutant "parity of the coin" dp/sampler.c test_sampler sampler/coin_exp \
    's/return k % 2 == 1;/return k % 2 == 0;/'
mutant "a digit of exp(-1)" dp/sampler.c \
    test_sampler_oracle oracle/every_digit_of_inverse_e \
    's/0x9054f90d/0x9054f90c/'
mutant "coin forgets the tie" dp/sampler.c test_sampler sampler/coin \
    's/num = scaled - reached;/return false;/'
mutant "selection without the factor 2" dp/sampler.c \
    test_sampler sampler/selection \
    's/(pv_u128)2 \* sensitivity/(pv_u128)sensitivity/'
mutant "rho halved" dp/account.c test_account account/gaussian_cost \
    's/top << (PV_UNIT_BITS - 1)/top << (PV_UNIT_BITS - 2)/'
mutant "cost rounded down" dp/account.c test_account account/gaussian_cost \
    's/ + sigma2.num - 1) / ) /'
mutant "rho rounded up" dp/account.c test_account account/units \
    's/floor(ldexp(rho/ceil(ldexp(rho/'
mutant "sensitivity 1 for replacement" dp/question.c \
    test_sensitivity sensitivity/of_a_row 's/2 \* k \* k : k \* k/k * k : k * k/'
mutant "k for k^2" dp/question.c test_sensitivity sensitivity/of_a_person \
    's/2 \* k \* k : k \* k/2 * k : k/'
mutant "score's sensitivity halved" dp/ask_select.c \
    test_sensitivity 'sensitivity/of_a_selection*' \
    's/(uint64_t)heaviest << grid_bits/(uint64_t)heaviest << (grid_bits - 1)/'
mutant "score's sensitivity 1 for replacement" dp/ask_select.c \
    test_curator curator/selection_replace 's/== PV_REPLACE ? 2 : 1/== PV_REPLACE ? 1 : 1/'
mutant "the lightest weight's sensitivity" dp/ask_select.c \
    test_sensitivity 'sensitivity/of_a_selection*' \
    's/if (candidate\[i\].weight > \*heaviest)/if (*heaviest == 0 || candidate[i].weight < *heaviest)/'
mutant "epsilon of a selection doubled" dp/ask_select.c \
    test_curator curator/selection 's/{asked->epsilon_num, PV_EPSILON_DEN}/{2 * asked->epsilon_num, PV_EPSILON_DEN}/'
mutant "distances: the number left out" dp/ask_scores.c \
    test_scores 'scores/of_a_row' 's/(moved \* moved, (uint64_t)count, /(moved * moved, (uint64_t)1, /'
mutant "distances: 1 for replacement" dp/ask_scores.c \
    test_scores 'scores/of_*_replaced' 's/== PV_REPLACE ? 2 : 1/== PV_REPLACE ? 1 : 1/'
mutant "distances: k for k^2" dp/ask_scores.c \
    test_scores 'scores/of_two_rows' 's/(moved \* moved, /(moved, /'
mutant "distances charged at half" dp/ask_scores.c \
    test_scores 'scores/charged*' 's/pv_inquiry_charge(asked, d2, /pv_inquiry_charge(asked, (d2 + 1) \/ 2, /'
mutant "distances without noise" dp/ask_scores.c \
    test_scores scores/distance_and_noise \
    's/pv_question_noise(question, &key, asked->gaussian, truth, count, score);/memcpy(score, truth, count * sizeof *score);/'
mutant "distances: a finer grid than charged" dp/ask_scores.c \
    test_scores 'scores/of_a_row' 's/&plain) >> 16/\&plain) >> 15/'
mutant "distances: counts of the block before" dp/ask_scores.c \
    test_scores scores/distance_and_noise 's/counts\[i\] = block + at;/counts[i] = block;/'
mutant "distances handed out before they are stored" dp/inquiry.c \
    test_scores scores/none_without_being_stored \
    's/PV_TRY(pv_question_commit(/memcpy(answer, drawn, bytes); &/'
mutant "a choice handed out before it is stored" dp/inquiry.c \
    test_scores scores/none_without_being_stored \
    's/^    const pv_status status = pv_inquiry_answer(/    asked->draw(curator, \&(pv_question){1, "", false, NULL, 0}, asked, \&answer, err), *chosen = (size_t)answer;\n&/'
mutant "any count of distances in a ledger" dp/ledgercheck.c \
    test_scores scores/tampering 's/(size_t)integer(question, "count"))/2)/'
mutant "distances charged as for addition in a ledger" dp/ledgercheck.c \
    test_scores scores/tampering 's/replace ? PV_REPLACE : PV_ADD_REMOVE/PV_ADD_REMOVE/'
mutant "groups: answers of a row taken for one" dp/ask_queries.c \
    test_queries_moved 'queries_moved/by_a_row' \
    's/return group->most;/return 1;/'
mutant "groups: replaced as added" dp/ask_queries.c \
    test_queries_moved 'queries_moved/by_a_row_replaced' \
    's/const uint64_t twice = 2 \*/const uint64_t twice = 1 */'
mutant "groups: k for k^2" dp/ask_queries.c \
    test_queries_moved 'queries_moved/by_a_person' \
    's/(rows_per_unit \* rows_per_unit, moved, /(rows_per_unit, moved, /'
mutant "groups: one group charged for all" dp/ask_queries.c \
    test_queries_moved queries_moved/by_groups_together \
    's/i < count; i++)$/i < 1; i++)/'
mutant "groups: without noise" dp/ask_queries.c \
    test_ask_queries ask_queries/noise \
    's/^    pv_question_noise(.*/    memcpy(answer, truth, asked->size * sizeof *truth); if (0) &/'
mutant "groups: the second's answers are the first's" dp/ask_queries.c \
    test_ask_queries ask_queries/truth 's/memcpy(truth + at, each\[i\], /memcpy(truth + at, each[0], /'
mutant "groups: cost not charged" dp/ask_queries.c \
    test_ask_queries 'ask_queries/charged*' \
    's/pv_inquiry_charge(asked, d2, /pv_inquiry_charge(asked, 1, /'
mutant "groups: a choice's weight left out" dp/ask_queries.c \
    test_ask_queries 'ask_queries/chosen*' \
    's/pv_select_sensitivity(asked->candidate\[i\].weight, moved)/pv_select_sensitivity(1, moved)/'
mutant "groups: all distances scaled as the furthest" dp/ask_queries.c \
    test_ask_queries 'ask_queries/chosen*' 's/asked->distance == PV_ALL$/asked->distance > PV_ALL/'
mutant "groups: a choice's cost not charged" dp/ask_queries.c \
    test_ask_queries 'ask_queries/chosen*' \
    's/(void)pv_cost_selection(epsilon_num, /(void)pv_cost_selection(1, /'
mutant "groups: weights and definitions not in the record" dp/ask_queries.c \
    test_ask_replay ask_replay/another_question_is_refused \
    's/PV_DIGEST_BYTES + 4\];/&\n        memset(line, 0, sizeof line); continue;/'
mutant "groups: weights not in the record" dp/ask_queries.c \
    test_ask_replay ask_replay/weights_are_part_of_a_question \
    's/candidate\[i\].weight : 0;/0 * candidate[i].weight : 0;/'
mutant "groups: answers handed out before they are stored" dp/inquiry.c \
    test_ask_replay ask_replay/none_without_being_stored \
    's/PV_TRY(pv_question_commit(/memcpy(answer, drawn, bytes); &/'
mutant "groups: any sensitivity in a ledger" dp/ledgercheck.c \
    test_ask_replay ask_replay/tampering 's/d2 >= least && d2 % (k \* k) == 0/d2 > 0/'
mutant "groups: any scale of a choice in a ledger" dp/ledgercheck.c \
    test_ask_replay ask_replay/tampering 's/sensitivity >= least \&\& sensitivity % least == 0/1/'
mutant "groups: a row in two parts of a level" marginals/query_count_group.c \
    test_queries_moved 'queries_moved/by_a_row' \
    's/^        counts\[at\[r\]\]++;/        counts[at[r]]++, counts[(at[r] + 1) % layer->cells]++;/'
mutant "groups: equal levels kept, and not counted" marginals/queries_grid.c \
    test_queries_moved queries_moved/by_a_row 's/\.most = (uint32_t)layers/.most = (uint32_t)(layers > 1 ? layers - 1 : 1)/'
mutant "numbers left out of the digest" dp/intake.c \
    test_ask_queries ask_queries/numbers_are_in_the_digest \
    's/double \*values = pv_table_values(table, column);/double *values = NULL;/'
mutant "rows of a person that differ in numbers tie" dp/intake.c \
    test_ask_queries ask_queries/rows_kept_by_their_numbers \
    's/double \*values = pv_table_values(rows, column);/double *values = NULL;/'
mutant "a model beyond its limit" gen/choice.c \
    test_choice choice/limits_are_kept 's/cells <= m->limit ||/cells <= 2 * m->limit ||/'
mutant "more than the budget" gen/choice.c \
    test_choice choice/limits_are_kept 's/\*left -= top->more;/*left -= top->more \/ 2;/'
mutant "a triple tells its pairs nothing" gen/choice.c \
    test_choice choice/value \
    's/more \* (double)item\[p\].cells \/ (double)item\[i\].cells/0 * more/'
mutant "one stream for two chunks" dp/ask_measure.c \
    test_curator curator/noise_of_a_measurement \
    's/work->key, item, &stream/work->key, 0, \&stream/'
mutant "the last measurement not charged" dp/ask_measure.c \
    test_curator curator/over_budget \
    '/^static pv_status measure_cost/,/^}/s/i < count/i + (count > 1) < count/'
mutant "noise not keyed by the question" dp/question.c \
    test_curator curator/noise_belongs_to_the_question \
    '/^void pv_question_key/,/^}/s/strlen(question->record)/(size_t)0/'
mutant "noise not keyed by the input" dp/question.c \
    test_curator curator/noise_belongs_to_the_input \
    '/^void pv_question_key/,/^}/s/sizeof curator->digest/(size_t)0/'
mutant "commit before the answer is stored" dp/question.c \
    test_replay replay/commit_follows_the_answer \
    '/^pv_status pv_question_commit/,/^}/{
/PV_TRY(pv_file_write_atomic/d
s/^out:/    PV_TRY(pv_file_write_atomic(path, answer, size, 0600, err));\
out:/
}'
mutant "spend not counted" dp/question.c test_curator curator/over_budget \
    's/curator->spent += cost.rho;/(void)0;/'
mutant "stored answer not checked" dp/question.c \
    test_replay replay/damaged_answer 's/strcmp(hex, stated) != 0/0/'
mutant "another question let through" dp/question.c \
    test_replay replay/another_question_diverges \
    's/strcmp(before, question->record) != 0/0/'
mutant "questions after the close" dp/question.c \
    test_replay replay/nothing_after_the_close \
    's/if (pv_curator_has_line(curator, "close"))/if (0)/'
mutant "truncation by the order of the file" dp/intake.c \
    test_sensitivity sensitivity/truncation_is_of_the_person \
    's/return memcmp(x->hash, y->hash, sizeof x->hash);/return x->row < y->row ? -1 : 1;/'
mutant "one row too many of a person" dp/intake.c \
    test_sensitivity sensitivity/of_a_person \
    's/place < curator->rows_per_unit/place <= curator->rows_per_unit/'
mutant "a reservation stretches" dp/accountfile.c \
    test_accountfile accountfile/no_more_than_reserved \
    's/found \&\& exceeds(spend, before)/0/'
mutant "no cap" dp/accountfile.c test_accountfile accountfile/race \
    's/total->rho > cap || spend.rho > cap - total->rho/spend.rho > cap/'
mutant "account named by the key alone" dp/curator.c \
    test_replay replay/account_is_not_fooled \
    's/"run id", text, strlen(text)/"run id", text, 0/'
mutant "chain of hashes not checked" dp/ledger.c test_ledger ledger/order_of_lines \
    's/if (strlen(expected) != length + 1 || .*/if (0) {/'
mutant "no lock" dp/ledger.c test_ledger ledger/locked_by_another_process \
    's/while (flock(.*/while (0) {/'
mutant "intervals that overlap" dp/ask_intervals.c \
    test_columns columns/intervals_must_be_disjoint \
    's/(i > 0 \&\& interval\[i\].low < interval\[i - 1\].high)/0/'
mutant "a row in two intervals" dp/ask_intervals.c \
    test_columns 'columns/sensitivity*' \
    's/            counts\[at\]++;/            counts[at]++, counts[(at + 1) % count]++;/'
mutant "intervals at half the sensitivity" dp/ask_intervals.c \
    test_columns columns/intervals_cost_what_a_marginal_does \
    's/pv_inquiry_charge(asked, pv_curator_sensitivity2(curator),/pv_inquiry_charge(asked, pv_curator_sensitivity2(curator) \/ 2,/'
mutant "labels at half the sensitivity" dp/ask_labels.c \
    test_columns columns/intervals_cost_what_a_marginal_does \
    's/pv_cost_gaussian(pv_curator_sensitivity2(curator),/pv_cost_gaussian(pv_curator_sensitivity2(curator) \/ 2,/'
mutant "a row counted for two labels" dp/ask_labels.c \
    test_columns 'columns/sensitivity*' \
    's/            all\[code - PV_RAW_TEXT\].count++;/            all[code - PV_RAW_TEXT].count += 2;/'
mutant "threshold without k" dp/account.c \
    test_columns columns/labels_of_one_person_stay_inside \
    's/\*threshold = k + root;/*threshold = root;/'
mutant "threshold for one label of k" dp/account.c \
    test_columns columns/threshold \
    's/log2_below(k) + lost +/lost +/'
mutant "threshold rounded down" dp/account.c test_columns columns/threshold \
    's/root += (pv_u128)root \* root < square;/(void)0;/'
mutant "threshold for sigma2 halved" dp/account.c \
    test_columns columns/threshold \
    's/(pv_u128)2 \* sigma2.num \* log/(pv_u128)sigma2.num * log/'
mutant "labels below the threshold" dp/ask_labels.c \
    test_columns columns/labels_come_out_sorted \
    's/counts\[i\] >= (int64_t)threshold/counts[i] > 0/'
mutant "labels in the order of the file" dp/ask_labels.c \
    test_columns columns/labels_come_out_sorted \
    's/    qsort(all, used, sizeof \*all, compare_texts);//'
mutant "delta not charged" dp/ask_labels.c \
    test_columns columns/labels_come_out_sorted \
    's/.cost = {0, delta}/.cost = {0, 0}/'
mutant "sigma of labels not charged" dp/ask_labels.c \
    test_columns columns/intervals_cost_what_a_marginal_does \
    's/\&asked->cost.rho) ||/\&asked->threshold) || (asked->cost.rho = 1) == 0 ||/'
mutant "delta not counted" dp/question.c \
    test_columns columns/delta_is_no_more_than_declared \
    's/curator->delta_spent += cost.delta;/(void)0;/'
mutant "noise of intervals halved" dp/question.c \
    test_columns columns/noise_of_intervals \
    's/counts\[i\] + pv_gaussian_draw(gaussian, \&stream)/counts[i] + pv_gaussian_draw(gaussian, \&stream) \/ 2/'
mutant "one stream for two chunks of intervals" dp/question.c \
    test_columns columns/noise_of_intervals \
    's/from \/ PV_CHUNK_CELLS, \&stream/0, \&stream/'
mutant "marginals of other levels" dp/question.c \
    test_columns columns/marginals_are_of_the_levels_found \
    's/if (curator->levels\[0\] != .*/if (0 \&\&/'
mutant "marginals before there are levels" dp/question.c \
    test_columns columns/resolve \
    's/if (pv_schema_has_needs(curator->schema))/if (0)/'
mutant "epsilon stated at the whole delta" dp/publish.c \
    test_columns columns/release_states_delta \
    's/pv_delta_left(c->delta, c->delta_spent)/c->delta/'
mutant "account without delta" dp/accountfile.c \
    test_columns columns/release_states_delta \
    's/if ((before.delta > 0 || spend.delta > 0) \&\&/if (0 \&\&/'
mutant "a reservation of delta stretches" dp/accountfile.c \
    test_accountfile accountfile/delta \
    's/a.rho > b.rho || a.delta > b.delta/a.rho > b.rho/'
mutant "rows of a person ranked by codes of texts" dp/intake.c \
    test_columns columns/truncation_is_of_the_person \
    's/        code = PV_RAW_TEXT;/        memset(bytes + 4, 0, cell_bytes - 4);/'
mutant "texts not digested" dp/intake.c \
    test_columns columns/input_is_digested \
    's/texts \&\& i < pv_table_texts/0 \&\& i < pv_table_texts/'
mutant "numbers not digested" dp/intake.c \
    test_columns columns/input_is_digested \
    's/values != NULL \&\& i < pv_table_rows/0 \&\& i < pv_table_rows/'
mutant "ledger: threshold not checked" dp/ledgercheck.c \
    test_columns columns/ledger_check 's/!threshold_fits(opening, question)/0/'
mutant "ledger: delta not added up" dp/ledgercheck.c \
    test_columns columns/ledger_check \
    's/return integer(body, "delta_spent") == s->delta_spent;/return true;/'
mutant "ledger: delta not recomputed" dp/ledgercheck.c \
    test_columns columns/ledger_check \
    's/if (integer(body, "delta_units") != cost ||/if (/'
mutant "ledger: delta of lines that spend none" dp/ledgercheck.c \
    test_columns columns/ledger_check 's/^    if (cost == 0)$/    if (cost == 0 \&\& json_is_object(body)) return true; if (cost == 0)/'
mutant "reconstruction: t up to 2" audit/attack/lp_glpk.c \
    test_solve 'solve/tiny_instances*' \
    's/glp_set_obj_coef(lp, column, -1);/glp_set_obj_coef(lp, column, -2);/'
mutant "reconstruction: bound of pdhg without users" audit/attack/solve_pdhg.c \
    test_solve 'solve/certified_gaps*' \
    's/dual += pv_least_product/dual += 0.5 * pv_least_product/'
mutant "reconstruction: gap of ls half as large" audit/attack/solve_ls.c \
    test_solve 'solve/tiny_instances*' \
    's/return fmax(0, gap);/return -gap;/'
mutant "reconstruction: t not normalised over levels" audit/attack/solve_lp.c \
    test_solve solve/shares_of_levels_sum_to_one \
    's/^    if (levels > 1)$/    if (0)/'
mutant "queries: a draw with replacement" audit/attack/queries_choose.c \
    test_queries queries/a_draw_is_without_replacement \
    's/wanted -= take;/wanted -= 0;/'
mutant "queries: equal ones kept" audit/attack/queries_choose.c \
    test_queries 'queries/distinct_ones*' \
    's/if (spec->distinct) {/if (0) {/'
mutant "queries: answers not scaled to people" audit/attack/queries_answer.c \
    test_queries 'queries/answers_are_shares*' \
    's/precision \* size \*$/precision */'
mutant "queries: ranks of values nobody has" audit/attack/queries.c \
    test_queries 'queries/answers_are_shares*' \
    's/(uint16_t)r->ranks;/0;/'
mutant "control: the real table in its place" audit/attack/reconstruction.c \
    test_reconstruction 'reconstruction/a_copy_gives*' \
    's/terms->holdout, rows, \&part\[0\]/input->real, rows, \&part[0]/'
mutant "leakage: shift not taken away" audit/attack/reconstruction.c \
    test_reconstruction 'reconstruction/another_population*' \
    's/leakage->value - shift->value;/leakage->value;/'
mutant "winner reported on the targets it was chosen by" \
    audit/attack/reconstruction.c \
    test_reconstruction 'reconstruction/reported_targets*' \
    's/const size_t first = guessed > t->validation ? t->validation : 0;/const size_t first = 0;/'
mutant "score: the first of equals" audit/attack/score.c \
    test_score 'score/of_equals*' 's/belief\[l\] >= belief\[guess\]/belief[l] > belief[guess]/'
mutant "primitives: noise of marginals at half sigma" dp/ask_measure.c \
    test_primitive primitive/measure \
    's/pv_gaussian_draw(chunk->gaussian, &stream)/pv_gaussian_draw(chunk->gaussian, \&stream) \/ 2/'
mutant "primitives: noise of others at half sigma" dp/question.c \
    test_primitive primitive/scores \
    's/pv_gaussian_draw(gaussian, &stream)/pv_gaussian_draw(gaussian, \&stream) \/ 2/'
mutant "primitives: replacement charged as addition" dp/question.c \
    test_primitive primitive/replaced 's/2 \* k \* k : k \* k/k * k : k * k/'
mutant "primitives: k rows charged as k" dp/question.c \
    test_primitive primitive/measure 's/2 \* k \* k : k \* k/2 * k : k/'
mutant "primitives: selection sensitivity halved" dp/ask_select.c \
    test_primitive primitive/select \
    's/(uint64_t)heaviest << grid_bits/(uint64_t)heaviest << (grid_bits - 1)/'
mutant "primitives: selection without its weight" dp/ask_select.c \
    test_primitive primitive/select \
    's/(uint64_t)heaviest << grid_bits/(uint64_t)1 << grid_bits/'
mutant "primitives: one stream for two chunks" dp/ask_measure.c \
    test_primitive primitive/chunks 's/work->key, item, &stream/work->key, 0, \&stream/'
mutant "primitives: one stream for two chunks of intervals" dp/question.c \
    test_primitive primitive/chunks \
    's/from \/ PV_CHUNK_CELLS, &stream/0, \&stream/'
mutant "primitives: one stream for two marginals" dp/ask_measure.c \
    test_primitive primitive/measure 's/work->key, item, &stream/work->key, 0, \&stream/'
mutant "primitives: noise not keyed by the input" dp/question.c \
    test_primitive primitive/intervals \
    '/^void pv_question_key/,/^}/s/sizeof curator->digest/(size_t)0/'
mutant "primitives: noise not keyed by the question" dp/question.c \
    test_primitive primitive/intervals \
    '/^void pv_question_key/,/^}/s/strlen(question->record)/(size_t)0/'
mutant "primitives: distances as one" dp/ask_scores.c \
    test_primitive primitive/scores 's/(moved \* moved, (uint64_t)count, /(moved * moved, (uint64_t)1, /'
mutant "primitives: a tree as one marginal" dp/ask_queries.c \
    test_primitive primitive/queries \
    's/(uint64_t)group->most/(uint64_t)1/; s/return group->most;/return 1;/'
mutant "primitives: k rows of queries charged as k" dp/ask_queries.c \
    test_primitive primitive/queries \
    's/(rows_per_unit \* rows_per_unit, moved, /(rows_per_unit, moved, /'
mutant "primitives: a choice among groups without its weight" dp/ask_queries.c \
    test_primitive primitive/group \
    's/pv_select_sensitivity(asked->candidate\[i\].weight, moved)/pv_select_sensitivity(1, moved)/'
mutant "primitives: all distances as the furthest" dp/ask_queries.c \
    test_primitive primitive/group 's/asked->distance == PV_ALL$/asked->distance > PV_ALL/'
mutant "primitives: rows of a person not cut down" dp/intake.c \
    test_primitive primitive/intervals \
    's/keep\[rank\[i\].row\] = place < curator->rows_per_unit;/keep[rank[i].row] = true;/'
mutant "primitives: labels below the threshold" dp/ask_labels.c \
    test_primitive primitive/labels \
    's/counts\[i\] >= (int64_t)threshold/counts[i] > 0/'
mutant "primitives: threshold of labels without k" dp/account.c \
    test_primitive primitive/labels_of_one_unit \
    's/\*threshold = k + root;/*threshold = root;/'
mutant "trials: of a private run" dp/trial.c \
    test_trial 'trial/refused*' 's/if (!curator->insecure)/if (0)/'
mutant "trials: one number" dp/trial.c test_trial trial/noise_of_its_own \
    's/memcpy(trial->record, text, number_length);//'
mutant "trials: of rows encoded anew" dp/trial.c \
    test_trial trial/rows_encoded_anew \
    's/trial->curator->schema != trial->schema ||//'
mutant "trials: at half the charge" dp/trial.c test_trial trial/cost_is_the_charge \
    's/    return trial->asked.cost;/    return (pv_spend){trial->asked.cost.rho \/ 2, 0};/'
mutant "rho of rates: one direction" audit/epsilon/estimate_zcdp.c \
    test_zcdp zcdp/as_by_brute_force \
    's/return fmax(largest_per_order(&forth), .*/return largest_per_order(\&forth);/'
mutant "rho of rates: not over the order" audit/epsilon/estimate_zcdp.c \
    test_zcdp zcdp/thresholds_of_a_discrete_gaussian 's/(t \* (1 + t))/t/'
mutant "rho of rates: the order of Kullback and Leibler alone" \
    audit/epsilon/estimate_zcdp.c test_zcdp zcdp/nearly_equal_worlds \
    's/if (value > best)/if (0)/'
mutant "rho of counts: the far corner" audit/epsilon/estimate_zcdp.c \
    test_zcdp zcdp/bound_of_counts \
    's/pv_rho_of_rates(i.fnr\[1\], i.fpr\[1\])/pv_rho_of_rates(i.fnr[0], i.fpr[0])/'
mutant "series of a Beta law: too short" audit/epsilon/beta.c \
    test_beta beta/series_are_the_distribution \
    's/enum { order = 64 };/enum { order = 24 };/;s/ < rounding)/ < 1)/'
mutant "gsd: a potential not brought up to date in one view" gen/gsd/tables.c \
    test_gsd_state moves/grids \
    's/for (size_t v = 0; v < l->columns; v++) {/for (size_t v = 1; v < l->columns; v++) {/'
mutant "gsd: the own cell not lifted" gen/gsd/score.c test_gsd_state \
    best/is_the_best_of_all 's/lift += 2 \* l->weight;/lift += 0;/'
mutant "gsd: a box's own cell not lifted" gen/gsd/score.c test_gsd_state \
    best/boxes_of_a_file 's/if (c->in\[cell\[place\]\])/if (0)/'
mutant "gsd: a condition on the crossed column not looked at" gen/gsd/score.c \
    test_gsd_state best/boxes_of_a_file 's/if (in == NULL || in\[v\])/if (1)/'
mutant "gsd: planes without the row's own cell" gen/gsd/score.c test_gsd_state \
    best/by_planes_is_never_worse_than_staying \
    's/scratch->lift\[k\] = in ? 2 \* q->weight : 0;/scratch->lift[k] = 0 * in;/'
mutant "gsd: a zero ignored in the change of a row" gen/gsd/tables.c \
    test_gsd_state moves/grids \
    's/if (breaks_zero(s, &s->place\[change\[i\].place\], m.new_cell))/if (0)/'
mutant "gsd: a zero ignored in the best cell" gen/gsd/score.c test_gsd_state \
    best/is_the_best_of_all 's/score\[c\] = -INFINITY;/score[c] -= 0;/'
mutant "gsd: a layer counted twice" gen/gsd/tables.c test_gsd_state moves/grids \
    's/if (layer_seen(m, l, i))/if (0)/'
mutant "gsd: missing numbers as the least" gen/gsd/planes.c test_gsd_state \
    moves/prefix_and_halfspace \
    's/else if (axis->missing && cell + 1 == axis->cells)/else if (axis->missing \&\& cell > axis->cells)/;s/(number - c->low)/((number == number ? number : c->low) - c->low)/'
mutant "gsd: a row's planes not brought up to date" gen/gsd/tables.c test_gsd_state \
    moves/prefix_and_halfspace 's/^    if (s->planes > 0)$/    if (0)/'
mutant "gsd: a stream of the thread" gen/gsd/search.c test_gsd_search \
    'search/*' 's/pv_stream_init(&stream, b->key, b->number << 8 | item);/pv_stream_init(\&stream, b->key, b->number << 8 | (uint64_t)((size_t)\&stream >> 16));/'
mutant "gsd: a move not checked again" gen/gsd/search.c test_gsd_search \
    'search/*' 's/if (!(delta < 0))/if (0)/'
mutant "gsd: no end at 0" gen/gsd/faithful.c test_gsd_search \
    search/small_tables 's/progress->objective > 0 &&/1 \&\&/;s/ \&\& before > 0;/;/'
mutant "gsd: a margin not agreed on" gen/gsd/agree.c test_gsd_targets \
    agree/single_columns_and_pairs \
    's/if (l->partitions < shared)/if (l->partitions <= shared)/'
mutant "gsd: margins weighed alike" gen/gsd/agree.c test_gsd_targets \
    agree/is_least_squares 's/a->mean\[c\] += w \* a->own\[c\];/a->mean[c] += weight * 0 + a->own[c];/;s/weight += w;/weight += 1;/'
mutant "gsd: merged without variance" gen/gsd/targets.c test_gsd_targets \
    merge/by_inverse_variance \
    's/have->variance \/ (have->variance + variance);/0.5;/'
mutant "gsd: a shape from above alone" gen/gsd/shape.c test_gsd_start \
    shape/is_least_squares \
    's/share = n->spread\[l\]\[p\] \/ (n->spread\[l\]\[p\] + n->variance);/share = 1;/'
mutant "gsd: rows of others by lot" gen/gsd/start.c test_gsd_start \
    start/from_others_takes_each_as_often \
    's/copy_row(s, r, from, r % have);/copy_row(s, r, from, r \/ 2 % have);/'
mutant "nearest: no tolerance" embeddings/nearest_scan.c test_nearest_search \
    'nearest_search/*' 's/const double bound = .*/const double bound = 0 * s->slope * block->radius;/'
mutant "nearest: a tolerance that does not grow with the width" \
    embeddings/nearest_scan.c test_nearest_search 'nearest_search/*' \
    's/const double u = (n + 4) \* 0x1p-24/const double u = 0x1p-24/'
mutant "nearest: no bound of the candidates alone" \
    embeddings/nearest_candidates.c test_nearest_search 'nearest_search/*' \
    's/(3 \* 0x1p-24 + /(0 * 0x1p-24 + /'
mutant "nearest: no bound for sums in double" embeddings/nearest_scan.c \
    test_nearest_search 'nearest_search/*' 's/, v = (n + 4) \* 0x1p-53/, v = 0/'
mutant "nearest: no bound for underflow" embeddings/nearest_candidates.c \
    test_nearest_search 'nearest_search/of_every_size' \
    's/(2 \* n + 1) \* 0x1p-126/0/'
mutant "nearest: ties to the last" embeddings/nearest_scan.c test_nearest_search \
    'nearest_search/ties*' 's/j < s->best_index)/j > s->best_index)/'
mutant "nearest: the list forgotten when full" embeddings/nearest_scan.c \
    test_nearest_search 'nearest_search/ties*' \
    's/^        decide(s, c);/        s->nears = 0;/'
mutant "nearest: a lone candidate before those decided" \
    embeddings/nearest_scan.c test_nearest_search 'nearest_search/*' \
    's/s->best_index == PV_VECTOR_NONE && s->nears == 1/s->nears == 1/'
mutant "nearest: the far side of a block not looked at" \
    embeddings/nearest_scan.c test_nearest_search nearest_search/random \
    's/for (size_t i = lanes; i < PV_NEAREST_BLOCK;/for (size_t i = lanes; i < PV_NEAREST_BLOCK - lanes;/'
mutant "nearest: the reach of a block's last candidate" \
    embeddings/nearest_candidates.c test_nearest_search 'nearest_search/*' \
    's/largest = square > largest ? square : largest;/largest = square;/'
mutant "nearest: products beyond the last candidate" \
    embeddings/nearest_candidates.c test_nearest_search 'nearest_search/*' \
    's/c->half\[j\] = INFINITY;/c->half[j] = -0x1p30f;/'
mutant "nearest: queries as they come under cosine" embeddings/nearest.c \
    test_nearest_limits nearest_limits/longest_is_valid \
    's/if (c->metric == PV_VECTOR_COSINE)/if (0)/'
mutant "nearest: the length's bound left out" embeddings/nearest_double.c \
    test_nearest_limits 'nearest_limits/*valid*' \
    's/return square <= .*/return square <= 0x1p300;/'
mutant "nearest: an invalid query answered" embeddings/nearest.c \
    test_nearest_limits 'nearest_limits/*valid*' \
    's/seeker->valid = pv_float_valid(\(.*\));/seeker->valid = pv_float_valid(\1) || 1;/'
mutant "votes: replaced as added" dp/ask_votes.c \
    test_votes '*votes/sensitivity_of_a_*' 's/== PV_REPLACE ? 2 : 1/== PV_REPLACE ? 1 : 1/'
mutant "votes: a grid of one for persons" dp/ask_votes.c \
    test_votes 'person_votes/*' 's/rows_per_unit == 1 ? 1 : PV_VOTE_GRID/rows_per_unit > 0 ? 1 : PV_VOTE_GRID/'
mutant "votes: charged as of a row" dp/ask_votes.c \
    test_ask_votes 'ask_person_votes/are_charged*' 's/pv_inquiry_charge(asked, d2, err)/pv_inquiry_charge(asked, 1, err)/'
mutant "votes: candidates not checked" dp/ask_votes.c \
    test_ask_votes 'ask_votes/of_what_does_not_fit*' 's/^    return check_candidates(b, err);/    return PV_OK;/'
mutant "votes: vectors of candidates not checked" dp/ask_votes.c \
    test_ask_votes 'ask_votes/of_what_does_not_fit*' \
    's/^    return pv_vectors_nearest(b->metric, b->vector, count, .*/    return count == 0 ? PV_EINVAL : PV_OK;\
    return pv_vectors_nearest(b->metric, b->vector, 0, b->width, NULL, NULL, 0,/'
mutant "votes: another schema's space" dp/ask_votes.c \
    test_ask_votes 'ask_votes/of_another_schemas*' 's/pv_space_schema(b->space) == c->schema &&//'
mutant "votes: rows without numbers" dp/ask_votes.c \
    test_ask_votes 'ask_votes/of_rows_without*' 's/!c->of_vectors && c->numbers &&/!c->of_vectors \&\&/'
mutant "votes: another class column" dp/ask_votes.c \
    test_ask_votes 'ask_votes/of_what_does_not_fit*' \
    's/pv_space_without(b->space) == b->by &&//; s/if (b->classes != classes)/if (0)/'
mutant "votes: classes not in the digest" dp/ask_votes.c \
    test_ask_votes 'ask_votes/of_another_order*' 's/put_le(&state, b->first\[c\]);/put_le(\&state, 0);/'
mutant "votes: the metric not in the digest" dp/ask_votes.c \
    test_ask_votes 'ask_votes/of_another_order*' 's/put_le(&state, (uint64_t)b->metric);//'
mutant "votes: a column's factor not in the digest" dp/ask_votes.c \
    test_ask_votes 'ask_votes/of_another_space*' 's/put_le(&state, bits);/put_le(\&state, 0);/'
mutant "votes: half of the coordinates in the digest" dp/ask_votes.c \
    test_ask_votes 'ask_votes/of_another_population*' 's/i < floats; i++/i < floats; i += 2/'
mutant "votes: noise where somebody voted" dp/ask_votes.c \
    test_ask_votes 'ask_votes/have_noise*' \
    '/^static pv_status draw/,/^}/s/^    pv_key_wipe(&key);/&\
    for (size_t i = 0; i < asked->size; i++)\
        answer[i] = truth[i] == 0 ? 0 : answer[i];/'
mutant "votes: rows for squares in a person's norm" dp/votes.c \
    test_votes person_votes/keep_their_proportion \
    's/norm2 += (uint64_t)(j - i) \* (j - i);/norm2 += (uint64_t)(j - i);/'
mutant "votes: rounded up" dp/votes.c test_votes person_votes/sensitivity_of_a_person \
    's/(int64_t)pv_isqrt(scaled \* scaled \/ norm2)/& + 1/'
mutant "votes: a person not scaled" dp/votes.c \
    test_votes person_votes/sensitivity_of_a_person \
    's/(int64_t)pv_isqrt(scaled \* scaled \/ norm2)/(int64_t)scaled/'
mutant "votes: a row of no vote in a person's norm" dp/votes.c \
    test_embedded_persons embedded_persons/vectors_without_a_vote_weigh_nothing \
    '/^static void count_person/,/^}/{
s/^    uint64_t norm2 = 0;/    uint64_t norm2 = 0;\
    for (size_t i = 0; i < count; i++)\
        norm2 += choice[i] == PV_VECTOR_NONE;/
}'
mutant "votes: for candidates of other classes" dp/votes.c \
    test_votes 'votes/*' 's/b->first\[class + 1\] - b->first\[class\];/b->first[b->classes] - b->first[class];/'
mutant "votes: a class without candidates votes" dp/votes.c \
    test_votes votes/of_a_class_without_candidates_are_none \
    '/^static pv_status poll_class/,/^}/s/choice\[i\] = PV_VECTOR_NONE;/choice[i] = (uint32_t)b->first[class];/'
mutant "votes: of equals by turns" dp/votes.c test_votes 'votes/*' \
    '/^static pv_status poll_class/,/^}/s/^        return status;/&\
    for (size_t i = 0, turn = 0; i < rows; i++)\
        if (choice[i] == 1 \&\& class == 0)\
            choice[i] += turn++ % 2;/'
mutant "votes: a ledger's grid not checked" dp/ledgercheck.c \
    test_ask_votes ask_votes/a_ledger_of_another_grid_is_refused \
    '/^static bool votes_fit/,/^}/s/integer(question, "grid") == pv_votes_grid(k) &&//'
mutant "votes: a ledger's sensitivity not checked" dp/ledgercheck.c \
    test_ask_votes ask_person_votes/a_ledger_of_another_sensitivity_is_refused \
    '/^static bool votes_fit/,/^}/s/integer(question, "sensitivity2") ==/integer(question, "sensitivity2") <=/'
mutant "votes: a ledger of replacement as of addition" dp/ledgercheck.c \
    test_ask_votes 'ask_*votes/are_charged*_replaced' \
    '/^static bool votes_fit/,/^}/s/replace ? PV_REPLACE : PV_ADD_REMOVE/replace ? PV_ADD_REMOVE : PV_ADD_REMOVE/'
mutant "vectors for votes: no limit of a person's rows" dp/intake.c \
    test_embedded_persons embedded_persons/rows_are_cut_down_by_themselves_alone \
    's/^    if (!curator->unit_is_row)/    if (!curator->unit_is_row \&\& !curator->of_vectors)/'
mutant "vectors for votes: rows kept by their label alone" dp/intake.c \
    test_embedded_persons embedded_persons/rows_are_cut_down_by_themselves_alone \
    's/^        if (vectors != NULL) {/        if (0) {/'
mutant "vectors for votes: rows dropped, their vectors kept" dp/intake.c \
    test_embedded_persons embedded_persons/rows_are_cut_down_by_themselves_alone \
    's/^        pv_vectors_filter(curator->vectors, keep);/        (void)0;/'
mutant "vectors for votes: not in the digest" dp/intake.c \
    test_embedded embedded/other_rows_do_not_resume \
    's/digest_vectors(curator->vectors, /digest_vectors(NULL, /'
mutant "vectors for votes: each row a person" dp/intake_vectors.c \
    test_embedded_persons embedded_persons/are_scaled_over_classes \
    's/each\[i\].unit == each\[i - 1\].unit ? head : i/i < rows ? i : head/'
mutant "vectors for votes: persons by neighbouring rows" dp/intake_vectors.c \
    test_embedded_persons embedded_persons/are_scaled_over_classes \
    's/^    qsort(each, rows, sizeof \*each, compare_owned);//'
mutant "vectors for votes: persons nobody asked for" dp/intake_vectors.c \
    test_embedded_persons embedded_persons/need_their_identities \
    's/^    if (!c->unit_is_row)$/    if (!c->unit_is_row \&\& c->vectors->unit_id != NULL)/'
mutant "vectors for votes: labels not clamped" dp/intake_vectors.c \
    test_embedded embedded/labels_beyond_a_range_are_clamped \
    's/pv_column_encode_number(c, (double)label)/(uint32_t)label % c->levels/'
mutant "vectors for votes: a label of no level is the first" dp/intake_vectors.c \
    test_embedded embedded/labels_of_no_level_are_refused \
    's/c->levels - 1 : c->other;/c->levels - 1 : 0;/'
mutant "vectors for votes: a label of no level is not missing" dp/intake_vectors.c \
    test_embedded embedded/labels_of_no_level_are_missing \
    's/return c->missing ? c->levels - 1 : c->other;/return c->other;/'
mutant "vectors for votes: labels below 0" dp/intake_vectors.c \
    test_embedded 'embedded/labels_of_no_level*' 's/label >= 0 && //'
mutant "vectors for votes: no labels for several levels" dp/intake_vectors.c \
    test_embedded embedded/labels_are_needed_where_there_are_several \
    's/c->vectors->label == NULL && column->levels > 1/0/'
mutant "vectors for votes: any schema" dp/intake_vectors.c \
    test_embedded embedded/schemas_that_are_not_of_a_label \
    's/pv_schema_column(schema, 0)->kind != PV_COLUMN_BINS/true/; s/pv_schema_columns(schema) == 1/true/'
mutant "vectors for votes: unsigned identities as signed" io/vectors.c \
    test_embedded_persons embedded_persons/unsigned_identities_stay_apart \
    's/as = H5T_NATIVE_UINT64;/as = H5T_NATIVE_INT64;/'
mutant "vectors for votes: sets of other lengths" io/vectors.c \
    test_embedded embedded/sets_of_other_shapes 's/ && dims\[0\] == r->into->count//'
mutant "space for votes: the class not left out" embeddings/space.c \
    test_space space/leaves_out_the_class 's/c != without && //'
mutant "space for votes: two labels as far apart as numbers" embeddings/space.c \
    test_space space/labels_are_as_far_apart_in_pairs_as_in_more 's/of_two = 0.47140452079103169;/of_two = 1;/'
mutant "space for votes: numbers not from their minimum" embeddings/space.c \
    test_space space/coordinates 's/a->low = binned ? c->edges\[0\] : c->minimum;/a->low = 0;/'
mutant "space for votes: numbers not given are none" embeddings/space.c \
    test_space space/numbers_that_are_not_given 's/isnan(value) ? pv_column_number(c, code) : value/value/'
mutant "space for votes: missing ones at the minimum" embeddings/space.c \
    test_space space/numbers_that_are_not_given 's/(float)(0.5 \* a->factor)/0/'
mutant "witness: votes of persons not scaled" audit/epsilon/witness_votes.c \
    test_witness_votes 'witness_votes/of_a_person*' 's/floor(one \* c \/ sqrt(norm2))/floor(one * c)/'
mutant "witness: votes of replaced ones as added" audit/epsilon/witness_votes.c \
    test_witness_votes 'witness_votes/of_*_replaced' 's/(w->replace ? 2 : 1)/(w->replace ? 1 : 1)/'
mutant "witness: votes on a grid of one" audit/epsilon/witness_votes.c \
    test_witness_votes 'witness_votes/of_a_person*' 's/w->unit_rows > 1 ? one : 1/1/'
mutant "witness: votes for the last of equals" audit/epsilon/witness_votes.c \
    test_witness_votes 'witness_votes/of_a_row*' 's/d < least/d <= least/'
mutant "witness: votes by cosine of vectors as they are" \
    audit/epsilon/witness_votes.c test_witness_votes 'witness_votes/*curators' \
    's/^        shorten(shortened + j \* b->width, b->width);/        (void)0;/'
mutant "pairs: numbers beyond the range in the middle of a bin" \
    audit/epsilon/pair.c test_witness_votes 'witness_votes/*curators' \
    's/^            put_clamped(\*table, i);/            (void)0;/'
mutant "primitives: votes of equals by turns" dp/votes.c \
    test_primitive primitive/votes \
    '/^static pv_status poll_class/,/^}/s/^        return status;/&\
    for (size_t i = 0, turn = 0; i < rows; i++)\
        if (choice[i] % 2 == 0 \&\& candidates == 40)\
            choice[i] += turn++ % 2;/'
mutant "primitives: votes of a person not scaled" dp/votes.c \
    test_primitive primitive/votes \
    's/(int64_t)pv_isqrt(scaled \* scaled \/ norm2)/(int64_t)scaled/'
mutant "steps: a response of another width" gen/pe/steps_response.c \
    test_steps_faults steps_faults/wrong_width 's/if (v->width != width)/if (0)/'
mutant "steps: a response of another metric" gen/pe/steps_response.c \
    test_steps_faults steps_faults/wrong_metric \
    's/strcmp(v->metric, metric) != 0/0/'
mutant "steps: a parent that nobody asked for" gen/pe/steps_response.c \
    test_steps_faults 'steps_faults/a*parent' 's/if (line == 0)/if (0)/'
mutant "steps: a fold too many" gen/pe/steps_response.c \
    test_steps_faults 'steps_faults/a_fold*' 's/(uint64_t)fold >= w->children/0/'
mutant "steps: a negative fold" gen/pe/steps_response.c \
    test_steps_faults 'steps_faults/a_negative_fold' \
    's/fold < 0 || (uint64_t)fold >= w->children/fold >= (int64_t)w->children/'
mutant "steps: the same child twice" gen/pe/steps_response.c \
    test_steps_faults steps_faults/the_same_child_twice 's/if (\*row != 0)/if (0)/'
mutant "steps: vectors that are not finite, or zero" gen/pe/steps_response.c \
    test_steps_faults steps_faults/not_finite 's/if (status != PV_OK) {/if (0) {/'
mutant "steps: a class without candidates" gen/pe/steps_response.c \
    test_steps_faults steps_faults/a_class_without_candidates \
    's/if (!has\[/if (0 \&\& !has[/'
mutant "steps: a reference that is no UTF-8" gen/pe/steps_response.c \
    test_steps_faults steps_faults/a_reference_that_is_no_utf8 \
    's/return valid ? PV_OK/return 1 ? PV_OK/'
mutant "steps: a request that was changed" gen/pe/steps.c test_steps \
    steps/a_changed_request_is_refused \
    's/(length != size || memcmp(there, text, size) != 0)/0/'
mutant "steps: a shorter request" gen/pe/steps.c test_steps \
    steps/a_changed_request_is_refused 's/length != size || //; s/memcmp(there, text, size)/memcmp(there, text, length)/'
mutant "steps: a response without a request" gen/pe/steps.c test_steps \
    steps/a_response_before_its_request_is_refused \
    's/} else if (pv_file_exists(f->response)) {/} else if (0) {/'
mutant "steps: a response changed afterwards" gen/pe/steps.c test_steps \
    steps/another_response_than_before_is_refused \
    's/(size != hex_length + 1 || memcmp(there, hex, size) != 0)/0/'
mutant "steps: references changed afterwards" gen/pe/steps_response.c test_steps \
    steps/another_response_than_before_is_refused \
    's/for (size_t i = 0; v->payload_ref != NULL \&\& /for (size_t i = 0; 0 \&\& /'
mutant "steps: children that are missing left out" gen/pe/steps.c test_steps \
    'steps/*parents*' 's/PV_TRY(pv_population_copy(into, parents, i, err));/continue;/'
mutant "steps: the same children for a parent's second time" gen/pe/steps.c \
    test_steps steps/children_and_parents_in_their_place 's/\.first++\]/.first + k]/'
mutant "steps: one seed a request" gen/pe/steps_request.c test_steps \
    'steps/seeds*' 's/first ? 0 : all->how->step, i);/first ? 0 : all->how->step, 0);/'
mutant "steps: one seed a line of all steps" gen/pe/steps_request.c test_steps \
    'steps/seeds*' 's/pv_variation_purpose(all->how)/"vary"/; s/first ? 0 : all->how->step, i);/0, i);/'
mutant "steps: seeds of what is looked at used again" gen/pe/catalogue.c \
    test_steps 'steps/seeds*' 's/how->ahead ? "ahead" : "vary"/"vary"/'
mutant "steps: directories that others may enter" gen/pe/catalogue.c test_steps \
    steps/first_request 's/mkdir(path, 0700)/mkdir(path, 0755)/'
mutant "steps: payloads of records without weight" gen/pe/catalogue.c test_steps \
    steps/rows_and_payloads 's/(!alike \&\& !(o->weight\[i\] > 0)) ||/0 ||/'
mutant "steps: no payloads when no weight is left" gen/pe/catalogue.c test_steps \
    steps/rows_and_payloads 's/(!alike \&\& !(o->weight\[i\] > 0)) ||/!(o->weight[i] > 0) ||/'
mutant "process: an answer to another request" gen/pe/frame.c \
    test_process_faults process_faults/answers_another_request \
    's/PV_TRY(check_number(\*head, "id", id, err));//'
mutant "process: an answer to another operation" gen/pe/frame.c \
    test_process_faults process_faults/answers_another_op \
    's/PV_TRY(check_text(\*head, "op", op, err));//'
mutant "process: too many candidates" gen/pe/frame.c test_process_faults \
    process_faults/answers_too_many \
    's/PV_TRY(check_number(head, "n", wanted->count, err));//'
mutant "process: vectors of another width" gen/pe/frame.c test_process_faults \
    process_faults/answers_in_another_width \
    's/PV_TRY(check_number(head, "d", wanted->width, err));//'
mutant "process: an error taken for an answer" gen/pe/frame.c \
    test_process_faults process_faults/answers_an_error \
    's/if (error != NULL)/if (0)/'
mutant "process: frames above a gigabyte" gen/pe/frame.c test_process_faults \
    process_faults/answers_above_a_gigabyte 's/number > PV_FRAME_MOST/0/'
mutant "process: fewer bytes than vectors need" gen/pe/frame.c \
    test_process_faults process_faults/claims_less_than_vectors_need \
    's/(size_t)number < least ||/0 ||/'
mutant "process: more bytes than vectors need" gen/pe/frame.c \
    test_process_faults process_faults/claims_more_than_vectors_need \
    's/(alone \&\& (size_t)number != least)/0/'
mutant "process: a payload beyond the end" gen/pe/frame.c test_process_faults \
    process_faults/payload_beyond_the_end 's/length > left - 4/0/'
mutant "process: bytes after the payloads" gen/pe/frame.c test_process_faults \
    process_faults/payloads_before_the_end 's/if (left > 0)/if (0)/'
mutant "process: a greeting of another width" gen/pe/frame.c \
    test_process_faults process_faults/greets_in_another_width \
    's/PV_TRY(check_number(head, "d", hello->width, err));//'
mutant "process: a greeting of another metric" gen/pe/frame.c \
    test_process_faults process_faults/greets_in_another_metric \
    's/PV_TRY(check_text(head, "metric", hello->metric, err));//'
mutant "process: a greeting of another version" gen/pe/frame.c \
    test_process_faults process_faults/greets_by_another_abi \
    's/PV_TRY(check_number(head, "abi", PV_FRAME_ABI, err));//'
mutant "process: numbers that are not finite" gen/pe/process_ask.c \
    test_process_faults process_faults/answers_nan \
    's/status = PV_EFORMAT;/status = PV_OK;/'
mutant "process: never started again" gen/pe/process_ask.c \
    test_process_faults 'process_faults/dies_once*' \
    's/p->child.died \&\& !\*tried/0/'
mutant "process: asked again though it answered wrongly" gen/pe/process_ask.c \
    test_process_faults process_faults/hangs 's/p->child.died \&\& !/!/'
mutant "process: an answer used before it is stored" gen/pe/process_ask.c \
    test_process process/a_resumed_run_starts_nothing \
    's/PV_TRY(pv_store_put(p, batch, .*/;/'
mutant "process: a wrong answer stored" gen/pe/process_ask.c \
    test_process_faults process_faults/answers_nan \
    's/^    PV_TRY(read_reply(/    if (!stored) PV_TRY(pv_store_put(p, batch, \&frame, reply->body, reply->size, err));\n&/'
mutant "process: no stop between requests" gen/pe/process_ask.c test_process \
    process/stops_between_requests 's/if (pv_curator_stopping())/if (0)/'
mutant "process: no stop while it waits" gen/pe/child.c test_process \
    process/stops_while_it_waits 's/if (pv_curator_stopping())/if (0)/'
mutant "process: what it started lives on" gen/pe/child.c \
    test_process_faults process_faults/hangs \
    's/kill(-c->pid, SIGKILL)/kill(c->pid, SIGKILL)/'
mutant "process: no time limit" gen/pe/child.c test_process_faults \
    process_faults/never_greets 's/if (c->timeout > 0 \&\& !(left > 0))/if (0)/'
mutant "process: messages without end" gen/pe/child.c test_process_faults \
    process_faults/a_flood_of_messages_is_cut \
    's/const size_t left = PV_CHILD_TOLD - c->told;/const size_t left = size;/'
mutant "process: messages not read" gen/pe/child.c test_process_faults \
    process_faults/a_flood_of_messages_is_cut \
    's/{c->errors, POLLIN, 0}/{-1, POLLIN, 0}/'
mutant "process: asks to the end before it listens" gen/pe/child.c \
    test_process process/answers_larger_than_a_pipe_before_requests_are_read \
    's/{c->out, POLLIN, 0}/{c->unsent > 0 ? -1 : c->out, POLLIN, 0}/'
mutant "process: says more than it claims" gen/pe/child.c test_process_faults \
    process_faults/says_more_than_it_claims 's/if (c->size > c->taken)/if (0)/'
mutant "process: a line without end" gen/pe/child.c test_process_faults \
    process_faults/answers_without_lines 's/if (left >= most)/if (0)/'
mutant "process: a stored answer to another request" gen/pe/process_store.c \
    test_process process/a_store_of_another_run_is_refused \
    's/if (!take(&at, &left, part))/if (take(\&at, \&left, part), 0)/'
mutant "process: a stored answer that is damaged" gen/pe/process_store.c \
    test_process process/a_damaged_answer_is_refused \
    's/if (line != strlen(part) || memcmp(at, part, line) != 0)/if (0)/'
mutant "process: a command with other payloads" gen/pe/process_store.c \
    test_process process/a_command_with_other_payloads_is_refused \
    's/else if (before != kind)/else if (0)/'
mutant "process: batches of any size" gen/pe/process.c test_process \
    process/batches_of_at_most_256 's/most_at_once = 256/most_at_once = 1024/'
mutant "process: parents of two classes in a batch" gen/pe/process.c \
    test_process 'process/children*' \
    's/parents->class\[i\] == parents->class\[from\] \&\&/1 \&\&/'
mutant "process: one seed a step" gen/pe/process.c test_process \
    process/first_candidates 's/purpose, step, number)}/purpose, step, 0)}/'
mutant "process: payloads of what is looked at kept" gen/pe/process.c \
    test_process process/what_was_looked_at_can_be_no_parent \
    's/p->kind != PV_PAYLOAD_NONE \&\& !ahead/p->kind != PV_PAYLOAD_NONE/'

# private evolution: the engine
mutant "pe: duplicates stay" gen/pe/population.c \
    test_pe_population population/duplicates_of_a_class_are_merged_into_the_first \
    's/keep\[i\] = slot\[at\] == 0;/keep[i] = true;/'
mutant "pe: duplicates of other classes are merged" gen/pe/population.c \
    test_pe_population population/duplicates_of_a_class_are_merged_into_the_first \
    's/p->class\[i\] == p->class\[j\] \&\&//; s/ ^ p->class\[i\];/;/'
mutant "pe: candidates in no order of classes" gen/pe/population.c \
    test_pe_population population/is_in_order_of_classes_and_else_as_it_was \
    's/order\[start\[p->class\[i\]\]++\] = i;/order[start[0]++] = i;/'
mutant "pe: a part of a vector compared" gen/pe/population.c \
    test_pe_population 'population/*' \
    's/p->width \* sizeof \*p->vector) == 0/sizeof *p->vector) == 0/; s/k < p->width; k++/k < 1; k++/'
mutant "pe: the ridge of all cells" gen/pe/evidence.c test_pe_evidence 'evidence/fits_end*' \
    's/return p->strength \* e->rows\[class\] \/ cells/return p->strength * e->rows[class]/'
mutant "pe: noise for its square" gen/pe/evidence.c test_pe_evidence 'evidence/fits_end*' \
    's/(p->sigma \* p->sigma);/p->sigma;/'
mutant "pe: lambda forgotten in a solution" gen/pe/evidence.c test_pe_evidence 'evidence/fits_end*' \
    's/lambda\[j\] + delta\[j\] - ridge/delta[j] - ridge/'
mutant "pe: offsets forgotten" gen/pe/evidence.c test_pe_evidence 'evidence/nothing_but_noise*' \
    's/memcpy(f->weight + begin, f->offset + begin,/memset(f->weight + begin, 0,/'
mutant "pe: weights do not add up" gen/pe/evidence.c test_pe_evidence 'evidence/fits_end*' \
    's/f->weight\[i\] \*= e->rows\[class\] \/ sum;/(void)sum;/'
mutant "pe: lambda less than what weights have" gen/pe/evidence.c \
    test_pe_evidence 'evidence/fits_end*' 's/lambda\[j\] += delta\[j\];/lambda[j] += 0.9 * delta[j];/'
mutant "pe: cells where a class has none" gen/pe/evidence.c test_pe_evidence 'evidence/*' \
    's/return e->part\[p\].first\[class + 1\] > e->part\[p\].first\[class\];/return true;/'
mutant "pe: missing as likely as all numbers" gen/pe/axes.c test_pe_axes axes/are_alike_at_first \
    's/!a->number || b >= whole$/b >= whole ? 1 : !a->number/'
mutant "pe: whole numbers reflected at the last" gen/pe/axes.c \
    test_pe_axes axes/shifts_are_as_likely_as_their_reverse 's/a->of->integer ? 0.5 : 0;/0;/'
mutant "pe: shifts end at the range" gen/pe/axes.c test_pe_axes axes/shifts_are_reflected \
    's/x < low ? 2 \* low - x : x > high ? 2 \* high - x : x/x < low ? low : x > high ? high : x/'
mutant "pe: the law of another class" gen/pe/axes.c test_pe_axes axes/laws_are_those_drawn_by \
    's/a->until + class \* a->bins;$/a->until;/; s/const double \*until = a->until;/&(void)class;/'
mutant "pe: a law that is not normalised" gen/pe/axes.c test_pe_axes axes/laws_are_those_drawn_by \
    's/pv_log(share\[b\] \/ all \/ a->measure\[b\])/pv_log(share[b] \/ a->measure[b])/'
mutant "pe: the first code of a bin" gen/pe/axes.c test_pe_axes axes/laws_are_those_drawn_by \
    's/a->first\[low + 1\] - 1, stream, code, value);/a->first[low], stream, code, value);/'
mutant "pe: the last whole number never drawn" gen/pe/axes.c test_pe_axes 'axes/*' \
    's/(uint64_t)(high - low) + 1)/(uint64_t)(high - low) + (high > low ? 0 : 1))/'
mutant "pe: cells of another class" gen/pe/cells.c test_pe_population 'cells/*' \
    's/const size_t block = c->block\[class\] + b;/const size_t block = b;/'
mutant "pe: lengths of candidates forgotten" gen/pe/cells.c test_pe_population 'cells/*' \
    's/(float)(square \/ 2)/(float)(square \/ 4)/'
mutant "pe: the last of equally near cells" gen/pe/cells.c test_pe_population 'cells/*' \
    's/score\[j\] < least)/score[j] <= least)/'
mutant "pe: zeros are drawn" gen/pe/particles.c test_pe_particles particles/rows_break_no_zero \
    's/^        if (pv_particle_legal(g, code))/        if (true)/'
mutant "pe: a zero of one of its columns" gen/pe/particles.c test_pe_particles 'particles/weights_and_moves*' \
    's/for (size_t k = 0; breaks \&\& k < zero->columns; k++)/for (size_t k = 0; k < 1; k++)/'
mutant "pe: drawn rows weigh alike" gen/pe/particles.c test_pe_particles 'particles/weights_and_moves*' \
    's/p->offset\[i\] -= pv_axes_density/(void)pv_axes_density/'
mutant "pe: rows renewed in turn" gen/pe/particles.c test_pe_particles particles/are_renewed_by_weight \
    's/picked\[k\] = at;/picked[k] = from + k % (end - from);/'
mutant "pe: what weighs nothing is renewed" gen/pe/particles.c test_pe_particles 'particles/are_*' \
    's/sum + p->weight\[at\] <= until/sum + p->weight[at] < until - 1/'
mutant "pe: a release in the order of its drawing" gen/pe/particles.c \
    test_pe_particles 'particles/make_a_complete_table*' 's/^    pv_stream_shuffle.*/    (void)0;/'
mutant "pe: a release ordered by what drew it" gen/pe/particles.c \
    test_pe_particles 'particles/make_a_complete_table*' 's/pv_stream_init(&stream, &of_order, 0)/pv_stream_init(\&stream, key, 0)/'
mutant "pe: numbers of a release drawn anew" gen/pe/particles.c \
    test_pe_particles 'particles/make_a_complete_table*' 's/put_rows(p, order, true, table);/(void)0;/'
mutant "pe: determined columns left" gen/pe/particles.c \
    test_pe_particles 'particles/make_a_complete_table*' 's/PV_TRY(pv_table_determine(table, err));//'
mutant "pe: all moves are taken" gen/pe/particles_move.c test_pe_particles 'particles/weights_and_moves*' \
    's/if (u > 0 \&\& pv_log(u) >= other - energy + ratio)/if (u < 0)/'
mutant "pe: moves by the fit alone" gen/pe/particles_move.c test_pe_particles 'particles/weights_and_moves*' \
    's/other - energy + ratio)/other - energy)/'
mutant "pe: moves by their law alone" gen/pe/particles_move.c test_pe_particles 'particles/weights_and_moves*' \
    's/other - energy + ratio)/ratio)/'
mutant "pe: moves onto zeros" gen/pe/particles_move.c test_pe_particles 'particles/weights_and_moves*' \
    's/if (!pv_particle_legal(p->ground, t->code))/if (false)/'
mutant "pe: a move forgets its cells" gen/pe/particles_move.c test_pe_particles 'particles/weights_and_moves*' \
    's/p->cell\[k\]\[i\] = t->cell\[k\];/(void)k;/'
mutant "pe: moved rows weigh by the fit once more" gen/pe/particles_move.c \
    test_pe_particles 'particles/weights_and_moves*' 's/p->offset\[i\] = -energy;/p->offset[i] = 0;/'
mutant "pe: the energy of the row before" gen/pe/particles_move.c test_pe_particles 'particles/weights_and_moves*' \
    's/^        energy = other;/        (void)other;/'
mutant "pe: copies rounded up" gen/pe/source.c test_pe_source 'copies/*' \
    's/(double)rows - start);/(double)rows);/'
mutant "pe: copies of what weighs nothing" gen/pe/source.c test_pe_source 'copies/of_what_weighs_nothing*' \
    's/if (i >= last)/if (i + 1 == o->count)/'
mutant "pe: looking ahead draws what comes" gen/pe/rows_source.c \
    test_pe_source 'rows_source/steps_and_looks_ahead*' 's/how->ahead ? "ahead" : "vary"/"vary"/'
mutant "pe: children break zeros" gen/pe/rows_source.c test_pe_source 'rows_source/children_of_degree_1*' \
    '/^static pv_status make_child/,/^}/s/if (pv_particle_legal(&s->ground,/if (true || pv_particle_legal(\&s->ground,/'
mutant "pe: labels redrawn always" gen/pe/rows_source.c test_pe_source 'rows_source/children_*' \
    's/pv_stream_double(stream) < degree;/pv_stream_double(stream) < 2;/'
mutant "pe: numbers shifted upwards" gen/pe/rows_source.c test_pe_source 'rows_source/children_are_as_far*' \
    's/degree \* (2 \* pv_stream_double(stream) - 1)/degree * 2 * pv_stream_double(stream)/'
mutant "pe: candidates of a pool drawn twice" gen/pe/pool.c test_pe_pool 'pool/first_candidates*' \
    's/order\[j\] = order\[i\];/(void)j;/'
mutant "pe: a pool's children are anywhere" gen/pe/pool.c test_pe_pool pool/children_are_among_the_nearest \
    's/double reach = degree \* pv_log(widest \/ 2);/double reach = (1 - degree) * pv_log(widest \/ 2);/'
mutant "pe: a pool's children drawn twice" gen/pe/pool.c test_pe_pool 'pool/children_are_different*' \
    's/const size_t at = k % reach;/const size_t at = 0;/'
mutant "pe: a cell's members weigh as much as it" gen/pe/pool.c test_pe_pool 'pool/cells_have*' \
    's/weight \/ (double)(end - first)/weight/'
mutant "pe: centres shorter than 1 under cosine" gen/pe/pool.c test_pe_pool 'pool/under_cosine*' \
    's/if (p->metric == PV_VECTOR_COSINE)/if (false)/'
mutant "pe: the best parents are the worst" gen/pe/loop.c test_pe_run pe_run/parents_of_the_most_votes \
    's/return x->votes > y->votes ? -1 : 1;/return x->votes > y->votes ? 1 : -1;/'
mutant "pe: parents drawn alike" gen/pe/loop.c test_pe_run pe_run/parents_drawn_by_votes \
    's/at -= sum > 0 ? fmax(votes\[from + i\] - threshold, 0) : 1;/at -= sum \/ (double)n;/'
mutant "pe: parents of another class" gen/pe/loop.c test_pe_run 'pe_run/parents_*' \
    's/status = add_parent(l, voted, from + i, err);/status = add_parent(l, voted, i, err);/'
mutant "pe: each class as large as the first" gen/pe/loop.c test_pe_run 'pe_run/*' \
    's/l->run->rows\[all\[i\].class\]/l->run->rows[0]/'
mutant "pe: cells share the rows of the first class" gen/pe/oneshot.c test_pe_run 'pe_run/one_histogram*' \
    's/share \* run->rows\[class\]/share * run->rows[0]/'
mutant "pe: a threshold of nothing" gen/pe/oneshot.c test_pe_run 'pe_run/a_threshold*' \
    's/return fmax(votes - threshold, 0);/(void)threshold; return fmax(votes, 0);/'
mutant "pe: all records in the first cell" gen/pe/finite.c test_pe_run 'pe_run/a_fit_finds*' \
    's/cell\[i\] += (uint32_t)own->first\[c\];/cell[i] = (uint32_t)own->first[c];/'
mutant "pe: candidates of the fit drawn alike" gen/pe/finite.c test_pe_run 'pe_run/a_fit_*' \
    's/^    const double start = pv_stream_double(stream);/&\
    wanted = 1;/'
mutant "pe: the votes of the first for all" gen/pe/run.c test_pe_run 'pe_run/*' \
    's/votes\[i\] = (double)answer\[i\] \/ grid;/votes[i] = (double)answer[0] \/ grid;/'
mutant "pe: a round is not counted" gen/pe/run.c test_pe_run 'pe_run/one_histogram*' \
    's/pv_budget_left(r, run->curator) \/ (run->rounds - run->asked);/pv_budget_left(r, run->curator) \/ (run->rounds + 1);/'
mutant "pe: one key for all rounds" gen/pe/run.c test_pe_options 'pe_sizes/keys*' \
    's/pv_key_derive(&run->key, purpose, number, sizeof number, key);/pv_key_derive(\&run->key, purpose, number, 0, key);/'
mutant "pe: one key for all purposes" gen/pe/run.c test_pe_options 'pe_sizes/keys*' \
    's/pv_key_derive(&run->key, purpose,/pv_key_derive(\&run->key, "pe",/'
mutant "pe: known rows not kept to" gen/pe/run.c test_pe_table 'pe_table/known_rows*' \
    's/^        scale_rows(run, known);/        (void)0;/'
mutant "pe: known rows asked for" gen/pe/run.c test_pe_table 'pe_table/known_rows*' \
    's/if (!public_rows || run->classes > 1)/if (true)/'
mutant "pe: noise of a sum as of one" gen/pe/run.c test_pe_table 'pe_table/without_marginals*' \
    's/classes ? sigma : sigma \* sqrt((double)answer->cells)/sigma/'
mutant "pe: sizes are those of the first answer" gen/pe/learn.c test_pe_table 'pe_table/single_columns*' \
    's/^        join_sizes(answers, columns, sigma, run);/        (void)0;/'
mutant "pe: classes' marginals in the columns' order" gen/pe/learn.c test_pe_table 'pe_table/single_columns*' \
    's/const bool class_first = run->by < column;/const bool class_first = column < SIZE_MAX;/'
mutant "pe: laws without a part alike" gen/pe/learn.c test_pe_table 'pe_table/single_columns*' \
    's/uniform_part = 0.1;/uniform_part = 0;/'
mutant "pe: columns count alike whatever they are" gen/pe/learn.c test_pe_table 'pe_table/single_columns*' \
    's/? 0.5 \/ fmax(spread, 0.02)/? 0.5/'
mutant "pe: votes of a table are no evidence" gen/pe/table.c test_pe_table 'pe_table/votes*' \
    's/vote_strength = 2;/vote_strength = 1e-9;/'
mutant "pe: paths to private vectors" io/vectors.c test_pe_pool 'pool/private_vectors*' \
    's/strchr(part, .\/.) != NULL)/false)/'
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
