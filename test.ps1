# Builds everything and passes every test that Windows can run. Ends with a line "N passed, N failed, N skipped".
$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot
& .\run.ps1 version | Out-Null
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
dotnet build DocIngest.sln -c Release --nologo -v quiet
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
$env:DOCINGEST_PROGRAM = Join-Path $PSScriptRoot 'artifacts\app\docingest.exe'
$total = @{ succeeded = 0; failed = 0; skipped = 0 }
foreach ($project in Get-ChildItem tests -Directory -Filter *.Tests) {
    Write-Host "== $($project.Name)"
    $log = & (Join-Path $project.FullName "bin\Release\net10.0\$($project.Name).exe") --progress off --no-ansi 2>&1
    $log | Write-Host
    foreach ($word in @('succeeded', 'failed', 'skipped')) {
        $line = $log | Select-String -Pattern "^\s*${word}:\s*(\d+)" | Select-Object -Last 1
        if ($line) { $total[$word] += [int]$line.Matches[0].Groups[1].Value } elseif ($word -eq 'failed') { $total.failed++ }
    }
}
"$($total.succeeded) passed, $($total.failed) failed, $($total.skipped) skipped"
if ($total.failed -gt 0 -or $total.succeeded -eq 0) { exit 1 }
