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
    $worker = Join-Path $PSScriptRoot 'src\DocIngest.Worker'
    $artifacts = Split-Path $app
    $log = Join-Path $artifacts 'ahead-of-time.log'
    New-Item -ItemType Directory -Force -Path $artifacts | Out-Null
    function Clear-Build {   # what was compiled the other way cannot be mixed (ADR 0010)
        Remove-Item -Recurse -Force -ErrorAction Ignore (Join-Path $worker 'obj\Release\net10.0\win-x64\R2R'), $app
    }
    function Publish-WithoutIt([string] $what) {
        [Console]::Error.WriteLine("$what here ($log tells why): building without it. The program does the same, and starts more slowly.")
        Clear-Build
        dotnet publish $worker -c Release @common -p:SelfContained=false -o $app | Write-Host
        if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
    }
    $common = '-p:RuntimeIdentifier=win-x64', '-v', 'quiet', '--nologo'
    $ahead = '-p:SelfContained=true', '-p:PublishReadyToRun=true', '-p:PublishReadyToRunComposite=true'
    Clear-Build
    dotnet restore $worker @common @ahead -p:Configuration=Release | Set-Content $log
    if ($LASTEXITCODE -ne 0) {
        Publish-WithoutIt 'The ahead-of-time compiler is not to be had'
    } else {
        dotnet build $worker -c Release --no-restore @common @ahead | Write-Host   # what is wrong with the sources is told here, once
        if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
        dotnet publish $worker -c Release --no-build @common @ahead -o $app | Set-Content $log
        if ($LASTEXITCODE -ne 0) { Publish-WithoutIt 'Compiling ahead of time failed' }
    }
    New-Item -ItemType File -Force -Path $built | Out-Null
    (Get-Item $built).LastWriteTimeUtc = $start
}
if ($args.Count -eq 0) { $args = @('run') }
& (Join-Path $app 'docingest.exe') @args
exit $LASTEXITCODE
