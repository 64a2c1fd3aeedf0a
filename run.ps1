# Builds DocIngest where its sources have changed, then runs it: .\run.ps1 [ARGS], 'run' if none. Its own words go to standard error.
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false   # how programs end is looked at here
$rid, $program = if ($env:OS -eq 'Windows_NT') { 'win-x64', 'docingest.exe' } else { 'linux-x64', 'docingest' }   # the latter to try this script
$artifacts = Join-Path $PSScriptRoot 'artifacts'
$app = Join-Path $artifacts 'app'
$built = Join-Path $app '.built'

function Test-Built {
    if (-not (Test-Path $built)) { return $false }
    $time = (Get-Item -Force $built).LastWriteTimeUtc
    $sources = @(Get-ChildItem (Join-Path $PSScriptRoot 'src') -Recurse -File -Force | Where-Object { $_.FullName -notmatch '[\\/](bin|obj)[\\/]' }) +
        @(Get-ChildItem (Join-Path $PSScriptRoot 'Directory.*.props')) + @(Get-Item -Force (Join-Path $PSScriptRoot 'global.json'), (Join-Path $PSScriptRoot '.globalconfig'))
    return -not ($sources | Where-Object { $_.LastWriteTimeUtc -gt $time })
}

function Write-Words { process { [Console]::Error.WriteLine($_) } }

function Clear-Build {   # what was compiled the other way cannot be mixed (ADR 0010)
    Remove-Item -Recurse -Force -ErrorAction Ignore (Join-Path $worker "obj/Release/net10.0/$rid/R2R"), $new
}

function Publish-WithoutIt([string] $what) {
    "$what here ($log tells why): building without it. The program does the same, and starts more slowly." | Write-Words
    Clear-Build
    dotnet publish $worker -c Release @common -p:SelfContained=false -o $new | Write-Words
    if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}

if (-not (Test-Built)) {
    if (-not (Get-Command dotnet -ErrorAction SilentlyContinue)) {
        'DocIngest needs the .NET SDK 10 (https://dotnet.microsoft.com/download/dotnet/10.0).' | Write-Words
        exit 1
    }

    New-Item -ItemType Directory -Force -Path $artifacts | Out-Null
    $lock = $null
    while (-not $lock) {   # two first starts at once: one builds, the other waits
        try { $lock = [IO.File]::Open((Join-Path $artifacts '.build-lock'), 'OpenOrCreate', 'ReadWrite', 'None') } catch [IO.IOException] { Start-Sleep -Milliseconds 500 }
    }

    try {
        if (-not (Test-Built)) {
            'Building DocIngest (once; a minute or two) ...' | Write-Words
            $start = [DateTime]::UtcNow   # as old as the sources that are about to be read
            $worker = Join-Path $PSScriptRoot 'src/DocIngest.Worker'
            $log = Join-Path $artifacts 'ahead-of-time.log'
            $new = "$app.new"
            $common = "-p:RuntimeIdentifier=$rid", '-v', 'quiet', '--nologo'
            $ahead = '-p:SelfContained=true', '-p:PublishReadyToRun=true', '-p:PublishReadyToRunComposite=true'
            Clear-Build
            dotnet restore $worker @common @ahead -p:Configuration=Release | Out-File $log
            if ($LASTEXITCODE -ne 0) {
                Publish-WithoutIt 'The ahead-of-time compiler is not to be had'
            } else {
                dotnet build $worker -c Release --no-restore @common @ahead | Write-Words   # what is wrong with the sources is told here, once
                if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
                dotnet publish $worker -c Release --no-build @common @ahead -o $new | Out-File $log
                if ($LASTEXITCODE -ne 0) { Publish-WithoutIt 'Compiling ahead of time failed' }
            }

            New-Item -ItemType File -Force -Path (Join-Path $new '.built') | Out-Null
            (Get-Item -Force (Join-Path $new '.built')).LastWriteTimeUtc = $start
            Remove-Item -Recurse -Force -ErrorAction Ignore "$app.old"
            if (Test-Path $app) { Rename-Item $app 'app.old' }   # refused while a program runs from there, which stays whole
            Rename-Item $new 'app'
            Remove-Item -Recurse -Force -ErrorAction Ignore "$app.old"
        }
    } finally {
        $lock.Dispose()
    }
}

$words = @(if ($args.Count -gt 0) { $args } else { 'run' })   # a single word would be taken apart
& (Join-Path $app $program) @words
exit $LASTEXITCODE
