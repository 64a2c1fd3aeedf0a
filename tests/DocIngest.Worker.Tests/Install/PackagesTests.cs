using System.Runtime.Versioning;
using DocIngest.TestKit;

namespace DocIngest.Worker.Tests.Install;

/// <summary><c>install/packages.sh</c> for somebody who is not root and may not become it.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PackagesTests : IDisposable
{
    private readonly TempFolder _commands = new();

    [Theory]
    [InlineData("libssl3")]
    [InlineData("libssl3t64")]   // Debian 13, Ubuntu 24.04
    public async Task A_package_under_its_old_or_new_name_is_not_asked_for(string installed) => (await NeedAsync(installed)).Demand(0);

    [Fact]
    public async Task A_missing_package_is_named_with_what_to_type() =>
        Assert.Contains("apt-get install libssl3", (await NeedAsync("libc6")).Demand(1).Errors, StringComparison.Ordinal);

    public void Dispose() => _commands.Dispose();

    private async Task<EndedProgram> NeedAsync(string installed)
    {
        Needs.Linux();
        Put("dpkg-query", $"for name; do [ \"$name\" != {installed} ] || printf '<install ok installed>'; done; exit 1");   // of two names it never knows both
        Put("id", "echo 1000");
        Put("sudo", "exit 1");
        using var running = TheProgram.StartAny(
            "/bin/bash", ["-euo", "pipefail", "-c", ". \"$1\"; need_packages libssl3", "bash", Path.Combine(Checkout.Path, "install/packages.sh")],
            new Dictionary<string, string> { ["PATH"] = $"{_commands.Path}:/usr/bin:/bin" });
        return await running.EndAsync();
    }

    private void Put(string name, string script)
    {
        File.WriteAllText(_commands[name], $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(_commands[name], UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }
}
