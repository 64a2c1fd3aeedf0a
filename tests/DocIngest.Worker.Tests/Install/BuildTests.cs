using System.Runtime.Versioning;
using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.Install;

/// <summary><c>install/build.sh</c> with a compiler that does as the test says.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class BuildTests : IDisposable
{
    private readonly TempFolder _checkout = new();

    [Fact]
    public async Task Without_the_ahead_of_time_compiler_it_builds_without()
    {
        var ended = (await BuildAsync("case \"$*\" in restore*ReadyToRun*) echo 'error NU1101' >&2; exit 1;; publish*) mkdir -p artifacts/app.new;; esac")).Demand(0);
        Assert.Equal(["restore ahead", "restore", "publish"], Calls());
        AssertSaidInOneLine(ended, "The ahead-of-time compiler is not to be had here", "error NU1101");
    }

    [Fact]
    public async Task Where_the_ahead_of_time_compiler_fails_it_builds_without()
    {
        var ended = (await BuildAsync(
            "case \"$*\" in publish*ReadyToRun*) mkdir -p artifacts/app.new/half; echo 'error NETSDK1096'; exit 1;; publish*) mkdir artifacts/app.new;; esac")).Demand(0);
        Assert.Equal(["restore ahead", "build ahead", "publish ahead", "restore", "publish"], Calls());
        AssertSaidInOneLine(ended, "Compiling ahead of time failed here", "error NETSDK1096");
        Assert.True(File.Exists(_checkout["artifacts/app/.built"]));
        Assert.False(Directory.Exists(_checkout["artifacts/app/half"]));   // nothing of the first attempt is left
    }

    [Fact]
    public async Task Where_the_build_without_it_fails_too_it_fails()
    {
        var ended = (await BuildAsync("case \"$*\" in publish*) echo 'error MSB3021' >&2; exit 1;; esac")).Demand(1);
        Assert.Contains("error MSB3021", ended.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_checkout["artifacts/app"]));
    }

    [Fact]
    public async Task A_build_error_is_told_as_it_is_and_once()
    {
        var ended = (await BuildAsync("case \"$*\" in build*) echo 'error CS1002' >&2; exit 1;; esac")).Demand(1);
        Assert.Contains("error CS1002", ended.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("ahead", ended.Errors, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(["restore ahead", "build ahead"], Calls());
    }

    public void Dispose() => _checkout.Dispose();

    private void AssertSaidInOneLine(EndedProgram ended, string what, string why)
    {
        string said = Assert.Single(ended.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => !line.StartsWith("Building DocIngest", StringComparison.Ordinal));
        Assert.StartsWith(what, said, StringComparison.Ordinal);
        Assert.Contains(why, File.ReadAllText(_checkout["artifacts/ahead-of-time.log"]), StringComparison.Ordinal);
    }

    private async Task<EndedProgram> BuildAsync(string dotnet)
    {
        Needs.Linux();
        Directory.CreateDirectory(_checkout["install"]);
        foreach (string script in (string[])["build.sh", "packages.sh"])
        {
            File.Copy(Path.Combine(Checkout.Path, "install", script), _checkout["install/" + script]);
        }

        Put("dotnet", $"[ \"$1\" = --version ] || echo \"$*\" >> calls\n{dotnet}");
        Put("dpkg-query", "echo '<install ok installed>'");
        using var running = TheProgram.StartAny(
            "/bin/bash", [_checkout["install/build.sh"]], new Dictionary<string, string> { ["PATH"] = $"{_checkout["commands"]}:/usr/bin:/bin" });
        return await running.EndAsync();
    }

    private IEnumerable<string> Calls() => File.ReadLines(_checkout["calls"])
        .Select(call => call.Split(' ')[0] + (call.Contains("PublishReadyToRun=true", StringComparison.Ordinal) ? " ahead" : ""));

    private void Put(string name, string script)
    {
        string file = Path.Combine(Directory.CreateDirectory(_checkout["commands"]).FullName, name);
        File.WriteAllText(file, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }
}
