# A mechanism without any privacy, for privet-audit game: rows drawn with
# replacement. Whatever reads a CSV and writes one can take its place.
#   --mechanism 'awk -v seed={seed} -v rows={rows} -v out={out} -f bootstrap.awk {in}'
NR == 1 { header = $0; next }
{ row[n++] = $0 }
END {
    srand(seed % 2147483647)
    print header >out
    for (i = 0; i < rows; i++) print row[int(n * rand())] >out
}
