using System.CommandLine;
using System.Text.Json;
using DocIngest.Pipeline.Ledger;
using DocIngest.Worker.Alarms;
using DocIngest.Worker.Alarms.Ways;

namespace DocIngest.Worker.CommandLine;

/// <summary><c>alarm list|test</c></summary>
internal static class AlarmCommands
{
    private static readonly TimeSpan Recently = TimeSpan.FromDays(7);

    public static Command Create(CommandFactory commands) => CommandFactory.Group(
        "alarm", "What is wrong, and whether those who are to hear of it can be reached.",
        commands.Create("list", "List alarms that stand, and those that ended within 7 days: what is at risk, whether scanning may go on, what to do.", ListAsync),
        commands.Create("test", "Send a test by every way that the configuration names, and say which took it.", TestAsync));

    private static Task<int> ListAsync(CommandContext context)
    {
        using var workspace = context.OpenExisting();
        using var connection = workspace.Database.OpenReader();
        using var snapshot = connection.BeginTransaction(deferred: true);
        foreach (var alarm in AlarmTable.Standing(connection).OrderByDescending(alarm => AlarmAdvice.Of(alarm.Kind).Severity))
        {
            Show(context.Output, new Shown("standing", alarm.Kind, alarm.Subject, alarm.Since, alarm.Last, null, alarm.Count, alarm.Message));
        }

        foreach (var alarm in AlarmTable.Ended(connection, workspace.Time.GetUtcNow() - Recently))
        {
            Show(context.Output, new Shown("resolved", alarm.Kind, alarm.Subject, alarm.Since, null, alarm.Resolved, alarm.Count, alarm.Message));
        }

        foreach (var message in AlarmOutbox.Undelivered(connection).Where(message => message.Attempts > 0))
        {
            context.Output.Remark(
                $"Message {message.Id} to {TerminalText.OneLine(message.Recipient)} of {message.Made:yyyy-MM-dd HH:mm}Z was tried {message.Attempts} time(s) and not accepted: {TerminalText.OneLine(message.Problem)}");
        }

        return Task.FromResult(ExitCode.Done);
    }

    private static void Show(CommandOutput output, Shown alarm)
    {
        var advice = AlarmAdvice.Of(alarm.Kind);
        output.Item(
            new
            {
                alarm.State,
                alarm.Kind,
                alarm.Subject,
                Severity = JsonNamingPolicy.CamelCase.ConvertName(advice.Severity.ToString()),
                alarm.Since,
                alarm.Last,
                alarm.Resolved,
                alarm.Count,
                alarm.Message,
                advice.AtRisk,
                Scanning = JsonNamingPolicy.CamelCase.ConvertName(advice.Scanning.ToString()),
                advice.WhatToDo,
            },
            words => Tell(words, alarm, advice));
    }

    private static void Tell(TextWriter words, Shown alarm, AlarmAdvice advice)
    {
        if (alarm.Resolved is { } resolved)
        {
            words.WriteLine($"resolved  {alarm.Kind} ({TerminalText.OneLine(alarm.Subject)}) stood from {alarm.Since:yyyy-MM-dd HH:mm}Z to {resolved:yyyy-MM-dd HH:mm}Z");
            return;
        }

        words.WriteLine($"{advice.Severity.ToString().ToUpperInvariant(),-8}  {alarm.Kind} ({TerminalText.OneLine(alarm.Subject)}) since {alarm.Since:yyyy-MM-dd HH:mm}Z, {alarm.Count:N0} time(s)");
        words.WriteLine($"          {TerminalText.OneLine(alarm.Message)}");
        words.WriteLine($"          At risk:  {advice.AtRisk}");
        words.WriteLine($"          Scanning: {advice.ScanningInWords}");
        words.WriteLine($"          To do:    {advice.WhatToDo}");
    }

    private static async Task<int> TestAsync(CommandContext context)
    {
        var options = context.LoadConfig().Alarms;
        var book = new AlarmAddressBook(options, context.DataPath, TimeProvider.System);
        var ways = book.Recipients.Select(recipient => (To: recipient, Send: (Func<Task>)(() => book.WayTo(recipient).SendAsync(TestLetter(), context.Cancellation)))).ToList();
        if (options.Ping is { } ping)
        {
            ways.Add(("ping", () => new LifePing(ping, context.DataPath, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance).CallAsync(isWell: true, context.Cancellation)));
        }

        if (ways.Count == 0)
        {
            throw new CommandException(ExitCode.Usage, "Nobody is told of alarms: the configuration has neither alarms.routes nor alarms.ping.");
        }

        bool all = true;
        foreach (var (to, send) in ways)
        {
            string? problem = await ProblemOfAsync(send);
            all &= problem is null;
            context.Output.Item(
                new { To = to, Accepted = problem is null, Problem = problem },
                words => words.WriteLine(problem is null ? $"accepted  {TerminalText.OneLine(to)}" : $"FAILED    {TerminalText.OneLine(to)}: {TerminalText.OneLine(problem)}"));
        }

        return all ? ExitCode.Done : ExitCode.EnvironmentFailed;
    }

    private static AlarmLetter TestLetter() => new(Guid.NewGuid().ToString("D"), TimeProvider.System.GetUtcNow(), Environment.MachineName, []);

    private static async Task<string?> ProblemOfAsync(Func<Task> send)
    {
        try
        {
            await send();
            return null;
        }
        catch (AlarmNotAcceptedException error)
        {
            return error.Message;
        }
    }

    private sealed record Shown(string State, string Kind, string Subject, DateTimeOffset Since, DateTimeOffset? Last, DateTimeOffset? Resolved, long Count, string Message);
}
