# Builds everything and passes every test that Windows can run. Ends with a line "N passed, N failed, N skipped".
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false   # how programs end is looked at here
Set-Location $PSScriptRoot
$suffix = if ($env:OS -eq 'Windows_NT') { '.exe' } else { '' }   # elsewhere to try this script
$more = $args
& (Join-Path $PSScriptRoot 'run.ps1') version | Out-Null
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
dotnet build DocIngest.sln -c Release --nologo -v quiet
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
$env:DOCINGEST_PROGRAM = Join-Path $PSScriptRoot "artifacts/app/docingest$suffix"
$total = @{ succeeded = 0; failed = 0; skipped = 0 }
foreach ($project in Get-ChildItem tests -Directory -Filter *.Tests) {
    Write-Host "== $($project.Name)"
    $program = Join-Path $project.FullName "bin/Release/net10.0/$($project.Name)$suffix"

    # Windows PowerShell takes the first word on standard error for an error of its own, unless it is to go on.
    $log = & { $ErrorActionPreference = 'Continue'; & $program --progress off --no-ansi @more 2>&1 } | ForEach-Object { "$_" }
    $code = $LASTEXITCODE
    $log | Write-Host
    $failedBefore = $total.failed
    foreach ($word in @('succeeded', 'failed', 'skipped')) {
        $line = $log | Select-String -Pattern "^\s*${word}:\s*(\d+)" | Select-Object -Last 1
        if ($line) { $total[$word] += [int]$line.Matches[0].Groups[1].Value }
    }

    if ($code -ne 0 -and $total.failed -eq $failedBefore) { $total.failed++ }   # a run that died counts as a failure
}

"$($total.succeeded) passed, $($total.failed) failed, $($total.skipped) skipped"
if ($total.failed -gt 0 -or $total.succeeded -eq 0) { exit 1 }
exit 0
