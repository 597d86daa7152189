# Says in words how far a build is: reads ninja's lines, whose status is "[done/all seconds] " (NINJA_STATUS), and passes on all others.
# -v every=SECONDS   how often; default 20
BEGIN { if (!every) every = 20; next_at = every }
match($0, /^\[[0-9]+\/[0-9]+ +[0-9.]+\] /) {
  split(substr($0, 2, RLENGTH - 3), part, /[\/ ]+/)
  if (part[1] < 10 || (part[3] < next_at && part[1] != part[2])) next
  next_at = part[3] + every
  minutes = part[3] / part[1] * (part[2] - part[1]) / 60
  left = minutes < 1 ? "less than a minute left" : minutes < 1.5 ? "about a minute left" : sprintf("about %d minutes left", minutes + 0.5)
  if (part[1] == part[2]) left = "built"
  printf "build: %d of %d pieces, %s\n", part[1], part[2], left
  fflush()
  next
}
{ print; fflush() }
