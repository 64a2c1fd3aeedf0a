# Builds DocIngest where its sources have changed, then runs it: .\run.ps1 [ARGS], 'run' if none.
$ErrorActionPreference = 'Stop'
$app = Join-Path $PSScriptRoot 'artifacts\app'
$built = Join-Path $app '.built'
$sources = Get-ChildItem -Path (Join-Path $PSScriptRoot 'src'), (Join-Path $PSScriptRoot 'Directory.*.props') -Recurse -File |
    Where-Object { $_.FullName -notmatch '\\(bin|obj)\\' }
if (-not (Test-Path $built) -or ($sources | Where-Object { $_.LastWriteTimeUtc -gt (Get-Item $built).LastWriteTimeUtc })) {
    if (-not (Get-Command dotnet -ErrorAction SilentlyContinue)) {
        [Console]::Error.WriteLine('DocIngest needs the .NET SDK 10 (https://dotnet.microsoft.com/download/dotnet/10.0).'); exit 1
    }
    $start = [DateTime]::UtcNow
    # What was compiled the other way cannot be mixed (ADR 0010).
    Remove-Item -Recurse -Force -ErrorAction Ignore (Join-Path $PSScriptRoot 'src\DocIngest.Worker\obj\Release\net10.0\win-x64\R2R'), $app
    dotnet publish (Join-Path $PSScriptRoot 'src\DocIngest.Worker') -c Release -r win-x64 --self-contained true -p:PublishReadyToRun=true -p:PublishReadyToRunComposite=true -o $app -v quiet --nologo | Write-Host
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
    New-Item -ItemType File -Force -Path $built | Out-Null
    (Get-Item $built).LastWriteTimeUtc = $start
}
if ($args.Count -eq 0) { $args = @('run') }
& (Join-Path $app 'docingest.exe') @args
exit $LASTEXITCODE
