using System.Runtime.Versioning;
using DocIngest.TestKit;
using DocIngest.Worker.Tests.Promises;

namespace DocIngest.Worker.Tests.Install;

/// <summary><c>install/build.sh</c> with a compiler that does as the test says.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class BuildTests : IDisposable
{
    private readonly TempFolder _checkout = new();

    [Fact]
    public async Task Without_the_ahead_of_time_compiler_it_builds_without()
    {
        (await BuildAsync("case \"$*\" in restore*ReadyToRun*) exit 1;; publish*) mkdir -p artifacts/app.new;; esac")).Demand(0);
        Assert.Equal(["restore ahead", "restore", "publish"], Calls());
    }

    [Fact]
    public async Task A_build_error_is_told_as_it_is_and_once()
    {
        var ended = (await BuildAsync("case \"$*\" in publish*) echo 'error CS1002' >&2; exit 1;; esac")).Demand(1);
        Assert.DoesNotContain("ahead-of-time", ended.Errors, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(["restore ahead", "publish ahead"], Calls());
    }

    public void Dispose() => _checkout.Dispose();

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
