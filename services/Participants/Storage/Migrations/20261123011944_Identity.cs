using System;
using System.Collections.Generic;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace ComputeExchange.Participants.Storage.Migrations
{
    /// <inheritdoc />
    public partial class Identity : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterColumn<string>(
                name: "label",
                schema: "participants",
                table: "api_keys",
                type: "text",
                nullable: true,
                oldClrType: typeof(string),
                oldType: "text");

            migrationBuilder.CreateTable(
                name: "erasures",
                schema: "participants",
                columns: table => new
                {
                    participant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    asked_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    erased_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_erasures", x => x.participant_id);
                    table.ForeignKey(
                        name: "FK_erasures_participants_participant_id",
                        column: x => x.participant_id,
                        principalSchema: "participants",
                        principalTable: "participants",
                        principalColumn: "participant_id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "identity_profiles",
                schema: "participants",
                columns: table => new
                {
                    participant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    legal_name = table.Column<string>(type: "text", nullable: false, defaultValue: ""),
                    email = table.Column<string>(type: "text", nullable: false, defaultValue: ""),
                    address_lines = table.Column<List<string>>(type: "text[]", nullable: false, defaultValueSql: "'{}'"),
                    country = table.Column<string>(type: "text", nullable: false, defaultValue: ""),
                    tax_number = table.Column<string>(type: "text", nullable: false, defaultValue: ""),
                    tax_code = table.Column<string>(type: "text", nullable: false, defaultValue: ""),
                    changed_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_identity_profiles", x => x.participant_id);
                    table.ForeignKey(
                        name: "FK_identity_profiles_participants_participant_id",
                        column: x => x.participant_id,
                        principalSchema: "participants",
                        principalTable: "participants",
                        principalColumn: "participant_id",
                        onDelete: ReferentialAction.Cascade);
                });

            // Who was admitted before keeps its name.
            migrationBuilder.Sql("INSERT INTO participants.identity_profiles (participant_id, name) SELECT participant_id, name FROM participants.participants");

            migrationBuilder.DropColumn(
                name: "name",
                schema: "participants",
                table: "participants");

            migrationBuilder.CreateTable(
                name: "payment_destinations",
                schema: "participants",
                columns: table => new
                {
                    destination_id = table.Column<Guid>(type: "uuid", nullable: false),
                    participant_id = table.Column<Guid>(type: "uuid", nullable: false),
                    request_id = table.Column<Guid>(type: "uuid", nullable: false),
                    added_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    removed_time = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_payment_destinations", x => x.destination_id);
                    table.ForeignKey(
                        name: "FK_payment_destinations_participants_participant_id",
                        column: x => x.participant_id,
                        principalSchema: "participants",
                        principalTable: "participants",
                        principalColumn: "participant_id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "identity_bank_details",
                schema: "participants",
                columns: table => new
                {
                    destination_id = table.Column<Guid>(type: "uuid", nullable: false),
                    label = table.Column<string>(type: "text", nullable: false),
                    holder = table.Column<string>(type: "text", nullable: false),
                    scheme = table.Column<string>(type: "text", nullable: false),
                    iban = table.Column<string>(type: "text", nullable: false),
                    bic = table.Column<string>(type: "text", nullable: false),
                    routing_number = table.Column<string>(type: "text", nullable: false),
                    account_number = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_identity_bank_details", x => x.destination_id);
                    table.ForeignKey(
                        name: "FK_identity_bank_details_payment_destinations_destination_id",
                        column: x => x.destination_id,
                        principalSchema: "participants",
                        principalTable: "payment_destinations",
                        principalColumn: "destination_id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_payment_destinations_participant_id_request_id",
                schema: "participants",
                table: "payment_destinations",
                columns: new[] { "participant_id", "request_id" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "name",
                schema: "participants",
                table: "participants",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.Sql("UPDATE participants.participants p SET name = i.name FROM participants.identity_profiles i WHERE i.participant_id = p.participant_id");
            migrationBuilder.Sql("UPDATE participants.api_keys SET label = '' WHERE label IS NULL");

            migrationBuilder.DropTable(
                name: "erasures",
                schema: "participants");

            migrationBuilder.DropTable(
                name: "identity_bank_details",
                schema: "participants");

            migrationBuilder.DropTable(
                name: "identity_profiles",
                schema: "participants");

            migrationBuilder.DropTable(
                name: "payment_destinations",
                schema: "participants");

            migrationBuilder.AlterColumn<string>(
                name: "label",
                schema: "participants",
                table: "api_keys",
                type: "text",
                nullable: false,
                defaultValue: "",
                oldClrType: typeof(string),
                oldType: "text",
                oldNullable: true);
        }
    }
}
